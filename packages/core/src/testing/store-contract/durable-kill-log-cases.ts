import { strict as assert } from "node:assert";
import type { KillEntry } from "../../kill/kill-log.ts";
import { headOf, isTold, killLogCase, killOf, limitOf, plain, reviveOf } from "./kill-log-case.ts";
import type { KillLogContractOptions } from "./options.ts";

/** What a kill log that outlives its process owes, and that it says whether it does. */
export function durableKillLogCases(options: KillLogContractOptions): void {
  const { reopen } = options;
  killLogCase(options, "it says whether kills survive the process", async (log) => {
    assert.equal(log.durable, reopen !== undefined);
  });
  if (reopen === undefined) return;

  killLogCase(options, "kills survive a restart, and numbers go on", async (log) => {
    const head = await headOf(log);
    const kill = await log.append(killOf("stays", { reason: "ночью 🌙" }));
    await log.append(reviveOf("stays"));
    const limit = await log.append(limitOf("opus", { limit: 7 }));
    await options.close?.();
    const again = await reopen();
    const lines = await again.read(head);
    assert.deepEqual(
      lines.map((entry) => entry.kind),
      ["kill", "revive", "limit"],
    );
    assert.deepEqual(plain(lines[0] ?? limit), plain(kill));
    assert.deepEqual(plain(lines[2] ?? kill), plain(limit));
    assert.equal((await again.append(killOf("next"))).epoch, head + 4);
  });

  killLogCase(options, "a kill without an end, however it is said, has none", async (log) => {
    const other = await reopen();
    const head = await headOf(log);
    await log.append(killOf("endless", { expiresAtMs: Number.POSITIVE_INFINITY }));
    for (const one of [log, other]) {
      const [line] = await one.read(head);
      assert.ok(line?.kind === "kill");
      assert.equal(line.expiresAtMs ?? Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
      assert.notEqual(line.expiresAtMs, null);
    }
  });

  killLogCase(options, "a kill of one process is told to the others", async (log) => {
    const other = await reopen();
    const [here, there]: [KillEntry[], KillEntry[]] = [[], []];
    log.subscribe((entry) => here.push(entry));
    other.subscribe((entry) => there.push(entry));
    const first = await log.append(killOf("from here"));
    const second = await other.append(killOf("from there"));
    assert.equal(second.epoch, first.epoch + 1);
    for (const told of [here, there]) await isTold(told, [first.epoch, second.epoch]);
    assert.equal((await other.read(first.epoch - 1)).length, 2);
  });

  killLogCase(options, "processes that append at once share one row of numbers", async (log) => {
    const other = await reopen();
    const head = await headOf(log);
    const lines = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? log : other).append(killOf(`k-${index}`)),
    );
    const epochs = (await Promise.all(lines)).map((entry) => entry.epoch);
    assert.equal(new Set(epochs).size, 40);
    assert.equal(Math.min(...epochs), head + 1);
    assert.equal(Math.max(...epochs), head + 40);
  });
}
