import type { CallFailure, CallResult } from "./permit.ts";

/** What a hook told, read once: whatever it handed in, its call ends and its money is settled. */
export type Told<T> = { readonly [K in keyof T]-?: T[K] | undefined };

/** How a call was ended by its hook. */
export type CallEnd =
  | ({ readonly kind: "settle" } & Told<CallResult>)
  | ({ readonly kind: "fail"; readonly error: unknown } & Told<CallFailure>)
  | { readonly kind: "release" };

/** Where a call is in its life. `expired`: the sweeper ended it; a late settle corrects once. */
export type CallState = "pending" | "begun" | "dispatched" | "expired" | "unknown" | "ended";

/** The end of a call with an answer. What throws when it is read was not told. */
export function endWithResult(result: CallResult): CallEnd {
  try {
    const { usage, outcome, output, sources } = result;
    return { kind: "settle", usage, outcome, output, sources };
  } catch {
    const usage = read(result, "usage");
    const outcome = read(result, "outcome");
    const output = read(result, "output");
    return { kind: "settle", usage, outcome, output, sources: read(result, "sources") };
  }
}

/** The same of a call that brought an error. */
export function endWithError(error: unknown, failure: CallFailure): CallEnd {
  try {
    const { usage, abandoned, retryAfterMs } = failure;
    return { kind: "fail", error, usage, abandoned, retryAfterMs };
  } catch {
    const usage = read(failure, "usage");
    const abandoned = read(failure, "abandoned");
    return { kind: "fail", error, usage, abandoned, retryAfterMs: read(failure, "retryAfterMs") };
  }
}

function read<T, K extends keyof T>(given: T, key: K): T[K] | undefined {
  try {
    return given[key];
  } catch {
    return undefined;
  }
}
