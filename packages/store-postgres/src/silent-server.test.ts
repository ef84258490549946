import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import pg from "pg";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { postgresStore } from "./postgres-store.ts";
import { startPostgres } from "./testing/start-postgres.ts";

const server = await startPostgres();
afterAll(() => server?.stop());

const sockets = new Set<Socket>();
let line: Server;
let pool: pg.Pool;

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => {
  vi.useRealTimers();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  line.close();
});

/** A line that takes what is sent, and what becomes of it. */
async function openLine(onConnection: (socket: Socket) => void): Promise<void> {
  line = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    onConnection(socket);
  }).listen(0, "127.0.0.1");
  await once(line, "listening");
  const url = new URL(server?.url ?? "postgres://nobody@127.0.0.1/none");
  url.port = `${(line.address() as AddressInfo).port}`;
  pool = new pg.Pool({ connectionString: url.href });
  pool.on("error", () => {});
}

/** What waiting so long, and no longer, brings. */
async function after(ms: number, asked: unknown): Promise<unknown> {
  const answer = Promise.resolve(asked).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(ms);
  return answer;
}

describe("a server that takes connections and says nothing", () => {
  it("is not waited for: opening, reading kills and closing end", async () => {
    await openLine(() => {});
    const { ledger, killLog } = postgresStore({ pool });
    const silent = { code: "BR8001", message: expect.stringContaining("did not answer within") };
    expect(await after(5_000, ledger.ready())).toMatchObject(silent);
    expect(await after(5_000, killLog.read(0))).toMatchObject(silent);
    await ledger.close();
  });

  it("has one connection of the pool for half a minute, however often it is asked to open", async () => {
    await openLine(() => {});
    const { ledger } = postgresStore({ pool });
    for (let asked = 0; asked < 5; asked++) await after(5_000, ledger.ready());
    expect(pool.totalCount).toBe(1);
    await after(5_000, ledger.ready());
    await after(5_000, ledger.ready());
    expect(pool.totalCount).toBe(2);
    await ledger.close();
  });
});

describe.skipIf(server === undefined)("a server that freezes", () => {
  it("is not waited for by kills, fleet, state and outbox either", async () => {
    const url = new URL(server?.url ?? "");
    let isFrozen = false;
    await openLine((socket) => {
      if (isFrozen) return;
      const upstream = connect(Number(url.port), url.hostname);
      sockets.add(upstream.on("error", () => {}));
      socket.pipe(upstream).pipe(socket);
    });
    const store = postgresStore({ pool, schema: server?.schema("frozen") ?? "" });
    const { ledger, killLog, fleet, state, outbox } = store;
    await ledger.ready();
    isFrozen = true;
    for (const socket of sockets) socket.unpipe();
    const questions = [
      killLog.append({ kind: "revive", id: "k", reason: "r", by: "b", atMs: 1 }),
      fleet?.beat("p", 1_000),
      fleet?.living(),
      state?.write("k", "v", 0),
      state?.keys(""),
      outbox?.add([{ id: "m", topic: "t", body: "b", dueAtMs: 0 }]),
      outbox?.claim("t", 1, 1_000),
    ];
    const answers = await after(5_000, Promise.allSettled(questions));
    const silent = { status: "rejected", reason: { code: "BR8001" } };
    expect(answers).toMatchObject(questions.map(() => silent));
    await after(5_000, ledger.close());
  });
});

describe.skipIf(server === undefined)("a connection that is dropped without a word", () => {
  it("keeps nobody from the server for long: it is given up, and another one is opened", async () => {
    const url = new URL(server?.url ?? "");
    await openLine((socket) => {
      const upstream = connect(Number(url.port), url.hostname);
      sockets.add(upstream.on("error", () => {}));
      socket.pipe(upstream).pipe(socket);
    });
    const { ledger } = postgresStore({ pool, schema: server?.schema("silent") ?? "" });
    await ledger.balances([]);
    await vi.waitFor(() => expect(pool.idleCount).toBe(pool.totalCount));
    for (const socket of sockets) socket.unpipe();
    for (let dropped = pool.totalCount; dropped > 0; dropped--) {
      expect(await after(30_000, ledger.balances([]))).toMatchObject({ code: "BR8001" });
    }
    expect(await ledger.balances([])).toMatchObject({ results: [] });
    await after(5_000, ledger.close());
  });
});
