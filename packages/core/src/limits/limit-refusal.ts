import { durationText } from "../breaker/circuit-text.ts";
import type { Refusal, RefusalCode } from "../pipeline/refusal.ts";
import { type Limit, type LimitKind, PERIODS_MS } from "./limit.ts";
import { keyText } from "./limit-keys.ts";

const CODES: Readonly<Record<LimitKind["kind"], RefusalCode>> = {
  rate: "BR4001",
  concurrency: "BR4002",
  calls: "BR4001",
  steps: "BR4001",
};

/** Says which limit, how much it allows, when the next call fits, and how to change it. */
export function limitRefusal(limit: Limit, key: string, waitMs: number): Refusal {
  const { id, what, per } = limit;
  const retryAfterMs = retryAfter(limit, waitMs);
  const whose = per.length === 0 ? "" : ` (${keyText(per, key)})`;
  const allowed = what.kind === "rate" ? what.calls : what.most;
  return {
    code: CODES[what.kind],
    message: `limit "${id}"${whose}: ${allowedText(what)}.${adviceOf(what, retryAfterMs)}, or raise it in the limits of createGuard.`,
    scope: `limit:${id}`,
    details: { limit: id, key: whose === "" ? "*" : keyText(per, key), allowed, retryAfterMs },
  };
}

/** No room for another key, and forgetting one in use would hand out its places again. */
export function fullRefusal({ id }: Limit, cap: number): Refusal {
  return {
    code: "BR8001",
    message: `limit "${id}" has no room for another key (${cap} are in use for this org), and forgetting one would lift its limit. Split the limit by fewer values, or wait until some are idle.`,
    scope: `limit:${id}`,
    details: { limit: id, cap },
  };
}

/** Null when waiting alone does not help: other calls must end, or another task begin. */
function retryAfter({ what, per }: Limit, waitMs: number): number | null {
  if (what.kind === "rate") return Math.max(1, Math.ceil(waitMs));
  return what.kind === "calls" && per.includes("session") ? Math.max(1, Math.ceil(waitMs)) : null;
}

function allowedText(what: LimitKind): string {
  switch (what.kind) {
    case "rate": {
      const each = Number((PERIODS_MS[what.period] / what.calls).toPrecision(4));
      return `${what.burst} calls at once and one more each ${each} ms are allowed, and all are used`;
    }
    case "concurrency":
      return `${what.most} calls in flight are allowed, and as many are`;
    case "calls":
      return `${what.most} calls are allowed, and as many were made`;
    case "steps":
      return `${what.most} model calls are allowed in a task, and as many were made`;
  }
}

function adviceOf(what: LimitKind, retryAfterMs: number | null): string {
  if (what.kind === "rate") return ` Wait ${retryAfterMs} ms`;
  if (retryAfterMs !== null) {
    return ` Begin another session, or let this one rest for ${durationText(retryAfterMs)}`;
  }
  return what.kind === "concurrency" ? " Run fewer at a time" : " Begin another task";
}
