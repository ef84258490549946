import { strict as assert } from "node:assert";
import type { KillEntry, KillLog, NewKillEntry } from "../../kill/kill-log.ts";
import { until } from "../adapter-contract/world.ts";
import type { KillLogContractOptions } from "./options.ts";

type NewLimit = NewKillEntry & { readonly kind: "limit" };
type NewKill = NewKillEntry & { readonly kind: "kill" };

const AT_MS = Date.UTC(2026, 0, 1, 12);

/** A line of a kill log that differs from others in its id. */
export function killOf(id: string, given: Partial<NewKill> = {}): NewKill {
  return {
    kind: "kill",
    id,
    target: { agent: "support" },
    level: "stop",
    reason: "contract",
    by: "contract",
    atMs: AT_MS,
    expiresAtMs: undefined,
    ...given,
  };
}

/** The line that takes a kill back. */
export function reviveOf(id: string): NewKillEntry {
  return { kind: "revive", id, reason: "contract", by: "contract", atMs: AT_MS };
}

/** The line that changes the limit of a budget. */
export function limitOf(id: string, given: Partial<NewLimit> = {}): NewLimit {
  const figures = { unit: "usd", limit: 30_000_000_000, configured: 20_000_000_000 } as const;
  return {
    kind: "limit",
    id,
    ...figures,
    reason: "contract",
    by: "contract",
    atMs: AT_MS,
    ...given,
  };
}

/** The number of the newest line: a log may have some already. */
export async function headOf(log: KillLog): Promise<number> {
  return (await log.read(0)).at(-1)?.epoch ?? 0;
}

/** A line without the fields that are there and undefined: stores need not tell that apart. */
export function plain(entry: KillEntry): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
}

/** Waits until a subscriber has been told of these lines, each of them at least once, in order. */
export async function isTold(told: readonly KillEntry[], epochs: readonly number[]): Promise<void> {
  const heard = (): number[] => [...new Set(told.map((entry) => entry.epoch))];
  await until(`lines ${epochs} to be told`, () => epochs.every((epoch) => heard().includes(epoch)));
  assert.deepEqual(
    heard().filter((epoch) => epochs.includes(epoch)),
    [...epochs],
  );
}

/** Registers a case on a kill log, and closes what it opened. */
export function killLogCase(
  options: KillLogContractOptions,
  name: string,
  run: (log: KillLog) => Promise<void>,
): void {
  options.test(name, async () => {
    try {
      await run(await options.createKillLog());
    } finally {
      await options.close?.();
    }
  });
}
