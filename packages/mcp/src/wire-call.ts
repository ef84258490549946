import {
  type CallRequest,
  type Guard,
  type GuardError,
  isGuardError,
  type Permit,
} from "@burnrate/core";
import { beginAtOnce, cutReason, isDone, isPromise, withoutClaim } from "@burnrate/core/adapter";
import type { CheckedOptions } from "./check-options.ts";
import {
  type Deliver,
  envelopeOf,
  type Message,
  type RequestId,
  signalOf,
} from "./mcp-transport.ts";
import { isNeverSent, noteNeverSent } from "./never-sent.ts";
import { OpenRequest, type WireRequest } from "./open-request.ts";
import type { Loose } from "./shape.ts";
import { refusedInside, toCancellation, toFailure, toServerFailure } from "./to-error.ts";
import { toResult } from "./to-outcome.ts";

/** What a call needs of the transport that it goes through. */
export interface Wire {
  readonly guard: Guard;
  readonly options: CheckedOptions;
  send(message: Message, options: unknown): Promise<void>;
  /** Gives the client a message, as if it had come from the server. */
  readonly deliver: Deliver;
  /** Calls off a task at the server. */
  cancelTask(taskId: string): void;
  /** The call has ended, or waits for the client to ask again: it expects no answer now. */
  forget(call: WireCall): void;
}

/** A tool call on the wire, from the decision to its end. */
export class WireCall {
  readonly request: CallRequest;
  readonly #wire: Wire;
  readonly #stop: AbortController;
  #open: OpenRequest;
  #message: Message;
  #options: unknown;
  #permit: Permit | undefined;
  #state: "deciding" | "sent" | "parked" | "judged" | "ended" = "deciding";
  #signs = 0;
  #unwatch: () => void = () => undefined;
  /** The task that the server made of the call. */
  taskId: string | undefined;
  /** The kill that cut the call, or the verdict on its result. */
  cut: GuardError | undefined;
  /** Over when the answer is judged, and was handed on or refused. */
  verdict: Promise<void> | undefined;
  #onCut: (() => void) | undefined;

  constructor(wire: Wire, sent: WireRequest, request: CallRequest, stop: AbortController) {
    this.#wire = wire;
    this.request = request;
    this.#stop = stop;
    this.#open = new OpenRequest(wire, sent);
    this.#message = sent.message;
    this.#options = sent.options;
  }

  get id(): RequestId {
    return this.#open.id;
  }

  get params(): unknown {
    return this.#message["params"];
  }

  /** Whether the guard is still being asked: the server knows nothing of the call. */
  get isUnsent(): boolean {
    return this.#state === "deciding";
  }

  get hasEnded(): boolean {
    return this.#state === "ended" || this.#state === "judged";
  }

  /** Asks the guard, and sends the call when it is admitted. */
  send(): Promise<void> {
    this.#decide();
    return this.#open.over;
  }

  /** Sends the next round of a call that the server wants more input for: it is the same call. */
  resume(sent: WireRequest): Promise<void> {
    this.#open = new OpenRequest(this.#wire, sent);
    this.#message = sent.message;
    this.#options = sent.options;
    this.#state = "sent";
    this.#dispatch();
    return this.#open.over;
  }

  get wantsOutput(): boolean {
    return this.#permit?.wantsOutput === true;
  }

  /** Tells the latest request about the call's task that the call was cut. */
  onCut(listener: () => void): void {
    this.#onCut = listener;
  }

  /** A sign that the call is still at work: it is not swept as forgotten. */
  keepAlive(): void {
    this.#signs += 1;
    this.#permit?.progress({ outputTokens: this.#signs });
  }

  /** The request has its answer, but the call has not ended: the client will ask again. */
  park(answer: Message, extra: unknown): void {
    this.#state = "parked";
    this.keepAlive();
    this.#wire.forget(this);
    this.#wire.deliver(answer, extra);
    this.#open.end();
  }

  /**
   * The answer of the server, handed on once it is settled. Further ones are dropped until then: a
   * server that answers twice must not slip by the evaluator that looks at the first.
   */
  answer(answer: Message, extra: unknown, open: OpenRequest = this.#open): void {
    const permit = this.#permit;
    if (this.#state === "judged") return;
    if (permit === undefined || !this.#end("judged")) {
      open.end();
      return;
    }
    const handOn = (): void => {
      this.#over();
      this.#wire.deliver(answer, extra);
      open.end();
    };
    const settled = endWith(permit, answer);
    if (isDone(permit)) handOn();
    else
      this.verdict = settled.then(handOn, (error: unknown) => {
        this.#over();
        if (isGuardError(error)) this.cut = error;
        open.reject(error);
      });
  }

  /** Ends a call of which only the success is known, and nobody wants to see more. */
  async succeed(): Promise<void> {
    if (this.#end()) await this.#permit?.settle();
  }

  /** Ends it with an error; the client knows already. */
  async fail(error: unknown): Promise<void> {
    if (this.#end()) await this.#permit?.fail(error);
    this.#open.end();
  }

  /** The client gave up on the request. True when the server has seen it, and must be told. */
  cancel(reason: unknown): boolean {
    const wasSent = this.#state === "sent";
    const error = toCancellation(reason);
    if (this.#state === "deciding") this.#stop.abort(error);
    void this.fail(error);
    return wasSent;
  }

  /** The client forgot a call that waited for it. */
  async abandon(): Promise<void> {
    if (this.#end()) await this.#permit?.fail(undefined, { abandoned: true });
  }

  /** Goes on at once where the guard waits for nothing, so that messages keep their order. */
  #decide(): void {
    try {
      const permit = beginAtOnce(this.#wire.guard, this.request);
      if (isPromise(permit)) {
        permit.then(
          (late) => this.#admitted(late),
          (error: unknown) => this.#refused(error),
        );
      } else this.#admitted(permit);
    } catch (error) {
      this.#refused(error);
    }
  }

  #refused(error: unknown): void {
    if (this.#end()) this.#open.reject(noteNeverSent(error));
  }

  #admitted(permit: Permit): void {
    if (this.#state === "ended") {
      void permit.release();
      return;
    }
    try {
      permit.dispatched();
    } catch (error) {
      this.#refused(error);
      return;
    }
    this.#permit = permit;
    this.#state = "sent";
    const { signal } = permit;
    signal.addEventListener("abort", () => void this.#kill());
    if (signal.aborted) void this.#kill();
    else this.#dispatch();
  }

  #dispatch(): void {
    const open = this.#open;
    const options = this.#watchCaller();
    // A server in this process must not take its own calls for this one.
    withoutClaim(() => this.#wire.send(this.#message, options)).catch(async (error: unknown) => {
      if (open !== this.#open || !this.#end()) return;
      await this.#permit?.fail(toFailure(error, { caller: undefined, params: this.params }));
      open.reject(error);
    });
  }

  /** Hears of the client's own signal, and puts in one that fires for a kill, too. */
  #watchCaller(): unknown {
    const given = signalOf(this.#options);
    if (given === undefined || this.#permit === undefined) return this.#options;
    const { name, signal } = given;
    const { id } = this;
    const onAbort = (): void => {
      if (this.id === id) this.cancel(signal.reason);
    };
    this.#unwatch();
    signal.addEventListener("abort", onAbort);
    this.#unwatch = () => signal.removeEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    const both = AbortSignal.any([signal, this.#permit.signal]);
    return { ...(this.#options as Loose), [name]: both };
  }

  async #kill(): Promise<void> {
    const cut = this.#permit && cutReason(this.#permit);
    const wasSent = this.#state === "sent";
    // Not forgotten before it is over: an answer that comes meanwhile would reach the client.
    if (cut === undefined || !this.#end("judged")) return;
    this.cut = cut;
    // The server hears of it at once: a store may be slow to take the charge.
    if (this.taskId !== undefined) this.#wire.cancelTask(this.taskId);
    if (wasSent) this.#tellServer(cut.message);
    await this.#permit?.fail(cut);
    this.#over();
    this.#onCut?.();
    if (wasSent) this.#open.reject(cut);
  }

  /**
   * The end of its own stream tells the server of a modern call over HTTP; others need a message.
   */
  #tellServer(reason: string): void {
    const envelope = envelopeOf(this.params);
    if (envelope !== undefined && signalOf(this.#options) !== undefined) return;
    const params = { requestId: this.id, reason, ...(envelope && { _meta: envelope }) };
    const message = { jsonrpc: "2.0", method: "notifications/cancelled", params };
    this.#wire.send(message, undefined).catch(() => undefined);
  }

  /** True for the first end alone. */
  #end(as: "judged" | "ended" = "ended"): boolean {
    if (this.hasEnded) return false;
    this.#state = as;
    this.#unwatch();
    if (as === "ended") this.#over();
    return true;
  }

  #over(): void {
    this.#state = "ended";
    this.#wire.forget(this);
  }
}

function endWith(permit: Permit, { result, error }: Message): Promise<unknown> {
  if (error !== undefined) return permit.fail(toServerFailure(error));
  if (isNeverSent(result)) return permit.fail(refusedInside());
  return permit.settle(toResult(result, permit.wantsOutput, permit.wantsSources));
}
