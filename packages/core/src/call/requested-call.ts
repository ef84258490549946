import type { ContextFrame } from "../context/context-frame.ts";
import type { RequestedModel } from "./call-record.ts";
import type { CallRequest } from "./call-request.ts";
import type { CallTarget } from "./call-target.ts";

/**
 * What a call is, whatever becomes of it: what is asked for, by whom, and what is called instead.
 */
export class RequestedCall {
  readonly id: string;
  readonly request: CallRequest;
  /** What is called: what was asked for, until another model takes its place. */
  target: CallTarget;
  /** What was asked for, once another model has taken its place. */
  requested: RequestedModel | undefined;
  readonly frame: ContextFrame;
  readonly startedAtMs: number;
  /** What the ledger knows it by: its own id, or the name that it shares with other attempts. */
  ledgerId: string;

  constructor(
    id: string,
    request: CallRequest,
    target: CallTarget,
    frame: ContextFrame,
    startedAtMs: number,
  ) {
    this.id = id;
    this.request = request;
    this.target = target;
    this.requested = undefined;
    this.frame = frame;
    this.startedAtMs = startedAtMs;
    this.ledgerId = ledgerIdOf(id, request, target, frame);
  }

  /** Puts another model in the place of the one that was asked for: to the ledger, another call. */
  callInstead(target: CallTarget, key: string, because: RequestedModel["because"]): void {
    const { provider, name } = this.requested ?? this.target;
    this.requested = Object.freeze({ provider, name, key, because });
    this.target = target;
    this.ledgerId = ledgerIdOf(this.id, this.request, target, this.frame);
  }

  get kind(): "model" | "tool" {
    return this.target.kind;
  }
  get provider(): string | undefined {
    return this.target.provider;
  }
  get name(): string {
    return this.target.name;
  }
  get model(): string | undefined {
    return this.target.card?.model;
  }
  get canonicalProvider(): string | undefined {
    return this.target.canonicalProvider;
  }
  get purpose(): ContextFrame["purpose"] {
    return this.frame.purpose;
  }
  get context(): ContextFrame["context"] {
    return this.frame.context;
  }
  get tasks(): readonly string[] {
    return this.frame.tasks;
  }
  get input(): unknown {
    return this.request.input;
  }
  get substitute(): string | undefined {
    return this.requested?.key;
  }
  get idempotent(): boolean {
    return this.request.idempotent === true;
  }
}

/** Tenants never share a call, whatever keys they choose; nor do providers, who bill it each. */
function ledgerIdOf(
  id: string,
  { idempotencyKey }: CallRequest,
  { kind, provider = "", name }: CallTarget,
  { context: { org = "" } }: ContextFrame,
): string {
  if (idempotencyKey === undefined) return id;
  return `${kind}${[org, provider, name].map((text) => ` ${text.length} ${text}`).join("")} ${idempotencyKey}`;
}
