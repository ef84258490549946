import { createHash } from "node:crypto";
import type { AbsenceRule } from "../objective/absence-rule.ts";
import type { Absences } from "./absences.ts";
import type { ReadWrite } from "./timed-store.ts";

const PREFIX = "burnrate:slo:heard:";

/**
 * Brings together when each absence rule heard something last: an agent that never comes up is
 * silent across restarts, and of several processes it is enough that one hears it. When somebody
 * else was faster, the next exchange brings it together.
 */
export async function exchangeHeard(
  store: ReadWrite,
  absences: Absences,
  nowMs: number,
): Promise<void> {
  for (const [index, rule] of absences.rules.entries()) {
    const key = keyOf(rule);
    const entry = await store.read(key);
    const stored = Number(entry?.value ?? Number.NaN);
    const lastMs = absences.adopt(index, Number.isFinite(stored) ? stored : undefined, nowMs);
    if (lastMs !== stored) await store.write(key, String(lastMs), entry?.revision ?? 0);
  }
}

/** A rule that waits for something else begins anew. */
function keyOf({ name, sli, match }: AbsenceRule): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([sli, match]))
    .digest("hex");
  return `${PREFIX}${name}:${digest.slice(0, 12)}`;
}
