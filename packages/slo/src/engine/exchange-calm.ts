import { MAX_SKEW_MS } from "../objective/duration.ts";
import type { ActionRunner } from "./action-runner.ts";
import type { ReadWrite } from "./timed-store.ts";

const PREFIX = "burnrate:slo:calm:";

/**
 * Brings together when some process found that an objective is in trouble only because its action
 * refuses calls; what a clock far ahead of ours found is replaced. When somebody else was faster,
 * the next exchange brings it together.
 */
export async function exchangeCalm(
  store: ReadWrite,
  runner: ActionRunner,
  nowMs: number,
): Promise<void> {
  for (const refusals of runner.ownRefusals) {
    if (!refusals.isOpen) continue;
    const key = PREFIX + refusals.name;
    const entry = await store.read(key);
    const stored = Number(entry?.value ?? Number.NaN);
    const calmAtMs = refusals.adopt(stored <= nowMs + MAX_SKEW_MS ? stored : undefined);
    if (calmAtMs !== undefined && calmAtMs !== stored) {
      await store.write(key, String(calmAtMs), entry?.revision ?? 0);
    }
  }
}
