import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { SpendOrder, SpendWord } from "./testing/spend-worker.ts";
import { accountOf, openStore, reservationOf } from "./testing/spending.ts";
import { startPostgres } from "./testing/start-postgres.ts";

const server = await startPostgres();
const url = server?.url ?? "";
const named = (name: string): string => server?.schema(name) ?? name;
const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});
afterAll(() => server?.stop());

function start(order: Partial<SpendOrder>, hear: (word: SpendWord) => void): ChildProcess {
  const common = { url, keys: ["day", "org"], limit: 1_000, amount: 7, lanes: 8 };
  const whole = { ...common, expiresInMs: 60_000, stays: false, ...order };
  const path = fileURLToPath(new URL("./testing/spend-worker.ts", import.meta.url));
  const execArgv = ["--conditions=@burnrate/source", "--disable-warning=ExperimentalWarning"];
  const child = fork(path, [JSON.stringify(whole)], { execArgv });
  running.add(child);
  child.on("message", (word) => hear(word as SpendWord));
  return child;
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let poll = 0; poll < 2_000; poll++) {
    if (await isTrue()) return;
    await setTimeout(5);
  }
  throw new Error(`${what} did not come`);
}

describe.skipIf(server === undefined)("several processes on one database", () => {
  it("start at once on an empty database and spend one limit, to the last call that fits", async () => {
    const schema = named("fleet");
    let billed = 0;
    const children = Array.from({ length: 4 }, (_, index) =>
      start({ schema, keys: index % 2 === 0 ? ["day", "org"] : ["org", "day"] }, (word) => {
        if (word.kind === "billed") billed += word.amount;
      }),
    );
    const codes = await Promise.all(children.map((child) => once(child, "exit")));
    expect(codes.map(([code]) => code)).toEqual([0, 0, 0, 0]);
    expect(billed).toBe(994);
    const store = openStore(url, schema);
    const { results } = await store.ledger.balances([accountOf("day", 1_000)]);
    expect(results).toEqual([{ settled: 994, held: 0, leased: 0, unknown: 0 }]);
    await store.end();
  });

  it("killed at any moment, never bill more than the limit and leave nothing held", async () => {
    const schema = named("storm");
    const limit = 30_000;
    let billed = 0;
    for (let round = 0; round < 4; round++) {
      let heard = 0;
      const order = { schema, limit, lanes: 4, expiresInMs: 1_000 };
      const children = Array.from({ length: 4 }, () =>
        start(order, (word) => {
          if (word.kind !== "billed") return;
          billed += word.amount;
          heard++;
        }),
      );
      await until("spending", () => heard >= 5 + 23 * round || heard * 7 >= limit);
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(children.map((child) => once(child, "close")));
    }
    const store = openStore(url, schema);
    const account = accountOf("day", limit);
    const balance = async () => (await store.ledger.balances([account])).results[0];
    await until("expiry", async () => (await balance())?.held === 0);
    const { settled = 0, unknown = 0, leased } = (await balance()) ?? {};
    expect(leased).toBe(0);
    expect(billed).toBeLessThanOrEqual(settled + unknown);
    expect(settled + unknown).toBeLessThanOrEqual(limit);
    expect(billed).toBeGreaterThan(500);
    await store.end();
  });

  it("all hear of a kill that one of them issued, at once and once", async () => {
    const schema = named("kills");
    const heard: string[] = [];
    let ready = 0;
    for (let index = 0; index < 3; index++) {
      start({ schema, lanes: 0, stays: true }, (word) => {
        if (word.kind === "ready") ready++;
        if (word.kind === "heard") heard.push(word.id);
      });
    }
    await until("three processes", () => ready === 3);
    const store = openStore(url, schema);
    await store.ledger.ready();
    const id = randomUUID();
    const common = { reason: "r", by: "b", atMs: Date.now(), expiresAtMs: undefined };
    await store.killLog.append({
      kind: "kill",
      id,
      target: "everything",
      level: "abort",
      ...common,
    });
    await until("three to hear of it", () => heard.length === 3);
    expect(heard).toEqual([id, id, id]);
    await store.end();
  });
});

describe.skipIf(server === undefined)("a store that listens and has nothing to do", () => {
  it("does not keep its process alive", async () => {
    const child = start({ schema: named("idle"), lanes: 0 }, () => {});
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
  });
});

describe.skipIf(server?.isOwn !== true)("a server that stops and starts", () => {
  it("refuses while it is down, loses nothing, and goes on by itself", async () => {
    const store = openStore(url, named("outage"));
    const { ledger, killLog } = store;
    const account = accountOf("day", 1_000);
    await ledger.ready();
    const heard: string[] = [];
    killLog.subscribe(({ id }) => heard.push(id));
    const held = reservationOf([account], 100);
    await ledger.reserve([held]);
    await server?.halt("immediate");
    for (let index = 0; index < 3; index++) {
      await expect(ledger.reserve([reservationOf([account], 1)])).rejects.toMatchObject({
        code: "BR8001",
        message: expect.not.stringContaining("127.0.0.1"),
      });
    }
    await server?.start();
    // Another process kills before this one has found its way back.
    const other = openStore(url, named("outage"));
    const common = { reason: "r", by: "b", atMs: Date.now(), expiresAtMs: undefined };
    await other.killLog.append({
      kind: "kill",
      id: "k",
      target: "everything",
      level: "stop",
      ...common,
    });
    await until("the kill to be heard", () => heard.includes("k"));
    expect((await ledger.settle([{ id: held.id, as: "settled", amounts: [60] }])).results).toEqual([
      {
        applied: true,
        spentBefore: [0],
        balances: [{ settled: 60, held: 0, leased: 0, unknown: 0 }],
      },
    ]);
    await Promise.all([store.end(), other.end()]);
  });

  it("is waited for by a store that was made while it was down", async () => {
    await server?.halt("fast");
    const store = openStore(url, named("late"));
    await expect(store.ledger.ready()).rejects.toMatchObject({ code: "BR8001" });
    await expect(store.killLog.read(0)).rejects.toMatchObject({ code: "BR8001" });
    await server?.start();
    await store.ledger.ready();
    expect(await store.killLog.read(0)).toEqual([]);
    await store.end();
  });
});
