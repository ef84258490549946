import { strict as assert } from "node:assert";
import type { KillLog } from "../../kill/kill-log.ts";
import { headOf, killLogCase, killOf, limitOf, reviveOf } from "./kill-log-case.ts";
import type { KillLogContractOptions } from "./options.ts";

/** Kills that were revived again: enough for any log to drop lines. */
const PAIRS = 1_100;
const AT_ONCE = 100;

async function appendPairs(log: KillLog): Promise<void> {
  const ids = Array.from({ length: PAIRS }, (_, index) => `over-${index}`);
  while (ids.length > 0) {
    const some = ids.splice(0, AT_ONCE);
    await Promise.all(some.map((id) => log.append(killOf(id))));
    await Promise.all(some.map((id) => log.append(reviveOf(id))));
  }
}

/** What whoever reads the whole log finds in force. */
async function inForce(log: KillLog, head: number): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  for (const entry of await log.read(head)) {
    if (entry.kind === "revive") delete found[entry.id];
    else found[entry.id] = entry.epoch - head;
  }
  return found;
}

/** What a log owes that has grown long: it may forget what is over, and nothing else. */
export function longKillLogCase(options: KillLogContractOptions): void {
  killLogCase(options, "of thousands of lines those in force stay, and others go", async (log) => {
    const head = await headOf(log);
    await log.append(killOf("open"));
    await log.append(limitOf("opus", { limit: 1 }));
    await log.append(limitOf("opus", { limit: 2 }));
    await log.append(limitOf("haiku"));
    await log.append(killOf("again"));
    await log.append(reviveOf("again"));
    await log.append(killOf("again"));
    await appendPairs(log);
    const last = await log.append(killOf("last"));
    assert.equal(last.epoch, head + 8 + 2 * PAIRS);
    const kept = { open: 1, opus: 3, haiku: 4, again: 7, last: 8 + 2 * PAIRS };
    assert.deepEqual(await inForce(log, head), kept);
    assert.ok((await log.read(head)).length < 2 * PAIRS, "lines that are over go");
  });
}
