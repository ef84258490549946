import { strict as assert } from "node:assert";
import type { KillEntry } from "../../kill/kill-log.ts";
import { durableKillLogCases } from "./durable-kill-log-cases.ts";
import { HOSTILE_NAMES } from "./hostile-names.ts";
import { headOf, isTold, killLogCase, killOf, limitOf, plain, reviveOf } from "./kill-log-case.ts";
import { longKillLogCase } from "./long-kill-log-case.ts";
import type { KillLogContractOptions } from "./options.ts";

/**
 * What every kill log must do: number its lines without gaps, give them back whole and in order,
 * and tell everyone who listens.
 *
 * @example
 * killLogContract({ test, createKillLog: () => createMemoryStore().killLog });
 */
export function killLogContract(options: KillLogContractOptions): void {
  killLogCase(options, "lines are numbered one after the other, without gaps", async (log) => {
    const head = await headOf(log);
    for (let count = 1; count <= 5; count++) {
      assert.equal((await log.append(killOf(`kill-${count}`))).epoch, head + count);
    }
    assert.equal((await log.append(reviveOf("kill-1"))).epoch, head + 6);
  });

  killLogCase(options, "a log is read from where one is, in order", async (log) => {
    const head = await headOf(log);
    for (const id of ["a", "b", "c", "d"]) await log.append(killOf(id));
    const later = await log.read(head + 2);
    assert.deepEqual(
      later.map((entry) => [entry.epoch, entry.id]),
      [
        [head + 3, "c"],
        [head + 4, "d"],
      ],
    );
    assert.equal((await log.read(head)).length, 4);
    assert.equal((await log.read(head + 4)).length, 0);
  });

  killLogCase(options, "a line comes back as it was given, in every field", async (log) => {
    const head = await headOf(log);
    const scope = { org: "acme", team: "röd", user: "u'9", agent: "planner/researcher" };
    const things = { session: "s", task: "t", tool: "shell", model: "gpt-5*", provider: "openai" };
    const lines = [
      killOf("whole", { target: { ...scope, ...things, budget: "$5/day" }, level: "abort" }),
      killOf("ends", { level: "drain", expiresAtMs: Date.UTC(2026, 11, 31), by: "on-call" }),
      killOf("account", { target: { budget: "opus" }, account: "opus|user=u-9\n2026-01-01" }),
      killOf("words", { reason: 'שלום "мир" \\ 🛑\n— 100 %; DROP TABLE kills;', by: "O’Neil" }),
      killOf("long", { reason: "x".repeat(4_000) }),
      killOf("global", { target: "everything" }),
      reviveOf("whole"),
      limitOf("opus"),
      limitOf("calls", { unit: "calls", limit: 0, configured: Number.MAX_SAFE_INTEGER }),
      limitOf("tokens", { unit: "tokens", limit: 1e12, reason: "ещё ‘100’", by: "a\nb" }),
    ];
    for (const [index, line] of lines.entries()) {
      const numbered = { ...line, epoch: head + 1 + index };
      assert.deepEqual(plain(await log.append(line)), plain(numbered));
      const [read] = await log.read(head + index);
      assert.ok(read !== undefined);
      assert.deepEqual(plain(read), plain(numbered));
    }
  });

  killLogCase(options, "whatever is in names and reasons comes back as it was", async (log) => {
    const head = await headOf(log);
    const lines = HOSTILE_NAMES.flatMap((text) => [
      killOf(`kill ${text}`, { reason: text, by: text, target: { agent: text, tool: text } }),
      limitOf(`limit ${text}`, { reason: text, by: text }),
      { ...reviveOf(`kill ${text}`), reason: text, by: text },
    ]);
    for (const line of lines) await log.append(line);
    assert.deepEqual(
      (await log.read(head)).map(plain),
      lines.map((line, index) => plain({ ...line, epoch: head + 1 + index })),
    );
  });

  killLogCase(options, "limits are numbered and told like kills", async (log) => {
    const head = await headOf(log);
    const told: KillEntry[] = [];
    log.subscribe((entry) => told.push(entry));
    await log.append(limitOf("opus", { limit: 1 }));
    await log.append(killOf("between"));
    await log.append(limitOf("opus", { limit: 2 }));
    await isTold(told, [head + 1, head + 2, head + 3]);
    const limits = (await log.read(head)).flatMap((entry) =>
      entry.kind === "limit" ? [[entry.epoch, entry.id, entry.limit]] : [],
    );
    assert.deepEqual(limits, [
      [head + 1, "opus", 1],
      [head + 3, "opus", 2],
    ]);
  });

  killLogCase(options, "everyone who listens is told, in order, until they leave", async (log) => {
    const [one, two, gone]: [KillEntry[], KillEntry[], KillEntry[]] = [[], [], []];
    log.subscribe((entry) => one.push(entry));
    log.subscribe((entry) => two.push(entry));
    const leave = log.subscribe((entry) => gone.push(entry));
    const { epoch } = await log.append(killOf("first"));
    for (const told of [one, two, gone]) await isTold(told, [epoch]);
    leave();
    leave();
    await log.append(killOf("second", { reason: "whole lines are told" }));
    await log.append(reviveOf("first"));
    for (const told of [one, two]) await isTold(told, [epoch, epoch + 1, epoch + 2]);
    assert.ok(gone.every((entry) => entry.epoch === epoch));
    assert.equal(two.find((entry) => entry.epoch === epoch + 1)?.reason, "whole lines are told");
  });

  killLogCase(options, "one listener that leaves takes no other with it", async (log) => {
    const told: KillEntry[] = [];
    const listener = (entry: KillEntry): void => void told.push(entry);
    const leave = log.subscribe(listener);
    log.subscribe(listener);
    leave();
    const { epoch } = await log.append(killOf("once"));
    await isTold(told, [epoch]);
  });

  killLogCase(options, "a listener that throws harms nobody", async (log) => {
    const told: KillEntry[] = [];
    log.subscribe(() => {
      throw new Error("a listener of the contract");
    });
    log.subscribe((entry) => told.push(entry));
    const { epoch } = await log.append(killOf("thrown"));
    await log.append(killOf("next"));
    await isTold(told, [epoch, epoch + 1]);
  });

  killLogCase(options, "lines appended at once get numbers of their own", async (log) => {
    const head = await headOf(log);
    const told: KillEntry[] = [];
    log.subscribe((entry) => told.push(entry));
    const lines = Array.from({ length: 50 }, (_, index) => log.append(killOf(`k-${index}`)));
    const epochs = (await Promise.all(lines)).map((entry) => entry.epoch);
    const expected = Array.from({ length: 50 }, (_, index) => head + 1 + index);
    assert.deepEqual(
      epochs.toSorted((a, b) => a - b),
      expected,
    );
    const read = await log.read(head);
    assert.deepEqual(
      read.map((entry) => entry.epoch),
      expected,
    );
    await isTold(told, expected);
  });

  longKillLogCase(options);
  durableKillLogCases(options);
}
