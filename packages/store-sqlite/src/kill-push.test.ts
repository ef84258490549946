import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Worker } from "node:worker_threads";
import type { NewKillEntry } from "@burnrate/core";
import { describe, test } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";
import { accountOf } from "./testing/accounts.ts";
import { forkProcess, until } from "./testing/fork-process.ts";
import { temporaryFile } from "./testing/temporary-file.ts";

const KILLS = 100;

function killOf(id: string, given: Partial<NewKillEntry & { readonly kind: "kill" }> = {}) {
  const atMs = performance.timeOrigin + performance.now();
  const common = { target: { agent: "support" }, level: "stop", expiresAtMs: undefined } as const;
  return { kind: "kill", id, reason: "test", by: "test", atMs, ...common, ...given } as const;
}

describe("a kill", () => {
  test("reaches four other processes, each line once, within moments", async () => {
    const path = temporaryFile();
    const { ledger, killLog } = sqliteStore({ path });
    await ledger.ready();
    const others = Array.from({ length: 4 }, () => forkProcess("./listener.ts", { path }));
    const heardOf = ({ said }: (typeof others)[number]) => said.filter((one) => "epoch" in one);
    await until("all to listen", () => others.every(({ said }) => said.length > 0));
    for (let count = 1; count <= KILLS; count++) {
      await killLog.append(killOf(`kill-${count}`));
      await until("all to hear", () => others.every((one) => heardOf(one).length >= count));
    }
    const heard = others.flatMap((one) => heardOf(one).map((line) => Number(line["lateMs"])));
    const sorted = heard.toSorted((a, b) => a - b);
    const half = sorted[Math.floor(sorted.length / 2)] ?? Infinity;
    const late = sorted[Math.floor(sorted.length * 0.99)] ?? Infinity;
    process.stdout.write(
      `kill heard after ${half.toFixed(1)} ms (p50), ${late.toFixed(1)} (p99)\n`,
    );
    for (const one of others) {
      assert.deepEqual(
        heardOf(one).map((line) => line["epoch"]),
        Array.from({ length: KILLS }, (_, index) => index + 1),
      );
    }
    assert.ok(half < 250, "pushed, not found by looking once a second");
    for (const { child } of others) child.disconnect();
    await Promise.all(others.map(({ ended }) => ended));
    await ledger.close();
  });

  test("whose push is lost is heard within seconds, and told by the next reply", async () => {
    const path = temporaryFile();
    const { ledger, killLog } = sqliteStore({ path });
    await killLog.read(0);
    const told: string[] = [];
    killLog.subscribe(({ id }) => told.push(id));
    rmSync(`${path}-kill`);
    const silent = new DatabaseSync(path);
    silent
      .prepare("INSERT INTO kill_log VALUES (?, ?)")
      .run(1, JSON.stringify({ ...killOf("silent"), epoch: 1 }));
    silent.close();
    assert.equal((await ledger.balances([accountOf("any", 1)])).killEpoch, 1);
    await until("the line to be told", () => told.length > 0);
    assert.deepEqual(told, ["silent"]);
    await ledger.close();
  });
});

describe("a kill that another process pulled", () => {
  test("while the thread of the store was dead is told by its successor", async () => {
    const path = temporaryFile();
    const workers: Worker[] = [];
    const note = (worker: Worker): void => void workers.push(worker);
    process.on("worker", note);
    const store = sqliteStore({ path });
    const told: string[] = [];
    store.killLog.subscribe(({ id }) => told.push(id));
    await store.ledger.ready();
    process.off("worker", note);
    await workers[0]?.terminate();
    const other = sqliteStore({ path });
    await other.killLog.append(killOf("meanwhile"));
    await store.fleet?.beat("p", 60_000);
    await until("the line to be told", () => told.length > 0);
    assert.deepEqual(told, ["meanwhile"]);
    await store.ledger.close();
    await other.ledger.close();
  });
});

describe("the kill log", () => {
  test("keeps kills in force and the newest limits, however long it grows", async () => {
    const path = temporaryFile();
    const { ledger, killLog } = sqliteStore({ path, durability: "normal" });
    await killLog.append(killOf("forever", { atMs: 1 }));
    await killLog.append(killOf("over", { atMs: 1, expiresAtMs: 2 }));
    await killLog.append(killOf("endless", { atMs: 1, expiresAtMs: Infinity }));
    await killLog.append(killOf("revived", { atMs: 1 }));
    await killLog.append({ kind: "revive", id: "revived", reason: "r", by: "b", atMs: 1 });
    const limit = { kind: "limit", unit: "usd", configured: 1, reason: "r", by: "b" } as const;
    for (const [index, id] of ["a", "b", "a"].entries()) {
      await killLog.append({ ...limit, id, limit: 10 + index, atMs: 1 });
    }
    const many = Array.from({ length: 1_500 }, (_, index) => killLog.append(killOf(`k${index}`)));
    await Promise.all(many);
    const lines = await killLog.read(0);
    const old = lines.filter(({ epoch }) => epoch <= 8);
    assert.deepEqual(
      old.map(({ id, epoch }) => [id, epoch]),
      [
        ["forever", 1],
        ["endless", 3],
        ["b", 7],
        ["a", 8],
      ],
    );
    assert.equal(lines.at(-1)?.epoch, 1_508);
    assert.equal((await ledger.balances([])).killEpoch, 1_508);
    await ledger.close();
  });
});
