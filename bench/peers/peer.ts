import type { FakeCall, FakeProvider } from "./provider.ts";

/** What is looked at of each peer. */
export const TRIALS = ["over", "unused", "beside", "speed", "aborted"] as const;
export type Trial = (typeof TRIALS)[number];

/** What a peer says of itself after a stream was aborted. */
export type AfterAbort =
  /** It keeps an account in money. */
  | { readonly counts: "money"; readonly chargedUsd: number; readonly heldUsd: number }
  /** It has no account in money; what else it says, in words. */
  | { readonly counts: "other"; readonly says: string };

/** Calls of a fake provider under one limit. */
export interface Limited {
  /** Makes a call; whether the application got its answer. */
  call(call: FakeCall): Promise<boolean>;
  /** Reads a stream to its end; rejects when it is aborted. */
  stream(call: FakeCall, signal: AbortSignal): Promise<void>;
  /** What its own API says after a stream was aborted. */
  afterAbort(): Promise<AfterAbort>;
  close?(): Promise<void>;
}

/** What it gets: whom to call, and what all calls together may cost. */
export interface Setup {
  readonly provider: FakeProvider;
  readonly limitUsd: number;
}

/** Another package, used as its own documentation says. */
export interface Peer {
  /** As the table calls it. */
  readonly name: string;
  /** What is installed. */
  readonly package: string;
  /** Why it has no notion of a budget at all (`over`), or of calls that cost more (`beside`). */
  readonly lacks: Partial<Record<"over" | "beside", string>>;
  /** Most calls at once that it can be tried with in seconds; no bound when absent. */
  readonly mostAtOnce?: number;
  /** What is promised of money and of small calls, where something is. */
  readonly target?: string;
  limit(setup: Setup): Limited;
  /** One of its calls far from its limit, for its speed; `limit().call` when absent. */
  fastest?(setup: Setup): { readonly call: () => Promise<unknown> };
}
