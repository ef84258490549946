import { MAX_SKEW_MS } from "../objective/duration.ts";
import type { ActionRunner } from "./action-runner.ts";
import type { Finding } from "./own-refusals.ts";
import type { ReadWrite } from "./timed-store.ts";

const PREFIX = "burnrate:slo:found:";
const CALM = "calm";
const TROUBLE = "trouble";

/**
 * Brings together what processes found last of an action that refuses calls: whether anything else
 * is wrong. When somebody else was faster, the next exchange brings it together.
 */
export async function exchangeFindings(
  store: ReadWrite,
  runner: ActionRunner,
  nowMs: number,
): Promise<void> {
  for (const refusals of runner.ownRefusals) {
    if (!refusals.isOpen) continue;
    const key = PREFIX + refusals.name;
    const entry = await store.read(key);
    const newest = refusals.adopt(read(entry?.value, nowMs));
    if (newest === undefined) continue;
    const value = `${newest.isCalm ? CALM : TROUBLE} ${newest.atMs}`;
    if (value !== entry?.value) await store.write(key, value, entry?.revision ?? 0);
  }
}

/** What a clock far ahead of ours has found is replaced. */
function read(value: string | undefined, nowMs: number): Finding | undefined {
  const [what, at] = value?.split(" ") ?? [];
  const atMs = Number(at);
  const isKnown = what === CALM || what === TROUBLE;
  return isKnown && atMs <= nowMs + MAX_SKEW_MS ? { atMs, isCalm: what === CALM } : undefined;
}
