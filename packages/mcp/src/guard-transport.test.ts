import { setImmediate } from "node:timers/promises";
import { findGuardError } from "@burnrate/core";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CreateMessageRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { type GuardTransportOptions, guardTransport } from "./guard-transport.ts";
import { type Generation, generation1, generation2, generations } from "./testing/generations.ts";
import { killAll, money, thrownBy, until, watchedGuard } from "./testing/watched-guard.ts";

const DOLLAR = 1_000_000_000;

describe.each(generations)("$name", (generation) => {
  test("a call is recorded once, under the server's name, and costs its price", async () => {
    const { connection, client, records, guard } = await guarded(generation, {
      costs: { echo: 1 },
    });
    const answer = await connection.callTool(client, "echo");
    expect(answer.content).toEqual([{ type: "text", text: "echo hi" }]);
    await connection.request(client, "echo");
    const provider = generation === generation1 ? "server-1" : "server-2";
    const record = { kind: "tool", name: "echo", provider, outcome: "success" };
    expect(records).toMatchObject([record, record]);
    expect(await money(guard)).toEqual({ held: 0, spent: 2 * DOLLAR });
  });

  test("the application's name for the server counts", async () => {
    const { connection, client, records } = await guarded(generation, { server: "shop" });
    await connection.callTool(client, "echo");
    expect(records[0]?.provider).toBe("shop");
  });

  test.each(["callTool", "request"] as const)(
    "a refused %s is not sent, and rejects with the refusal itself",
    async (via) => {
      const { connection, client, records, refused, guard, seen } = await guarded(generation);
      await guard.kill({ tool: "echo" }, { reason: "test", by: "test", level: "stop" });
      expect(await thrownBy(() => connection[via](client, "echo"))).toBe(refused[0]);
      expect(records).toEqual([]);
      expect(seen().runs).toEqual({});
    },
  );

  test("a refusal is a result for the model, with denyMode result", async () => {
    const { connection, client, refused, guard } = await guarded(generation, {
      denyMode: "result",
    });
    await guard.kill({ tool: "echo" }, { reason: "test", by: "test", level: "stop" });
    const text = refused.length === 0 ? await connection.callTool(client, "echo") : undefined;
    expect(text).toMatchObject({
      isError: true,
      content: [{ type: "text", text: refused[0]?.message }],
    });
  });

  test("a result that says isError is a failed call", async () => {
    const { connection, client, records } = await guarded(generation);
    expect((await connection.callTool(client, "fail")).isError).toBe(true);
    expect(records[0]?.outcome).toBe("tool-error");
  });

  test("an unknown tool fails as it does without a guard, and is no success", async () => {
    const { connection, client, records } = await guarded(generation);
    const bare = await generation.connect();
    const said = await settled(() => bare.callTool(bare.client, "nope"));
    expect(await settled(() => connection.callTool(client, "nope"))).toEqual(said);
    expect(["tool-error", "failed"]).toContain(records[0]?.outcome);
  });

  test("the SDK's time-out is a timeout, and the application gets the SDK's own error", async () => {
    const { connection, client, records, guard } = await guarded(generation, {
      costs: { hang: 1 },
    });
    const bare = await generation.connect();
    const error = await thrownBy(() => bare.callTool(bare.client, "hang", { timeout: 5 }));
    expect(await thrownBy(() => connection.callTool(client, "hang", { timeout: 5 }))).toEqual(
      error,
    );
    await until(() => records.length === 1);
    expect(records[0]?.outcome).toBe("timeout");
    expect(await money(guard)).toEqual({ held: 0, spent: DOLLAR });
  });

  test("the caller's abort is no timeout, and the server hears of it", async () => {
    const { connection, client, records, guard, seen } = await guarded(generation, {
      costs: { hang: 1 },
    });
    const stop = new AbortController();
    const call = thrownBy(() => connection.callTool(client, "hang", { signal: stop.signal }));
    await until(() => seen().runs["hang"] === 1);
    stop.abort();
    expect(findGuardError(await call)).toBeUndefined();
    await until(() => records.length === 1);
    expect(records[0]?.outcome).toBe("aborted");
    expect(await money(guard)).toEqual({ held: 0, spent: DOLLAR });
    await until(() => seen().cancelled === 1);
  });

  test("a time limit that the caller sets as its signal is a timeout", async () => {
    const { connection, client, records } = await guarded(generation);
    const signal = AbortSignal.timeout(5);
    await thrownBy(() => connection.callTool(client, "hang", { signal }));
    await until(() => records.length === 1);
    expect(records[0]?.outcome).toBe("timeout");
  });

  test("a kill cuts a call in flight: our error, one record, the server is told", async () => {
    const { connection, client, records, guard, seen } = await guarded(generation, {
      costs: { hang: 1 },
    });
    const call = thrownBy(() => connection.callTool(client, "hang"));
    await until(() => seen().runs["hang"] === 1);
    await guard.kill({ tool: "hang" }, { reason: "test", by: "test", level: "abort" });
    expect(findGuardError(await call)?.code).toBe("BR1001");
    expect(records.map((record) => record.outcome)).toEqual(["killed"]);
    await until(() => seen().cancelled === 1);
    expect(await money(guard)).toEqual({ held: 0, spent: DOLLAR });
    expect(findGuardError(await thrownBy(() => connection.callTool(client, "hang")))?.code).toBe(
      "BR1001",
    );
    expect(seen().runs["hang"]).toBe(1);
  });

  test("a call that waits for money leaves the queue when its caller aborts", async () => {
    const { connection, client, guard, refused, seen } = await guarded(
      generation,
      { costs: { hang: 3, echo: 3 } },
      { onHeld: "wait" },
    );
    const first = connection.callTool(client, "hang").catch(() => undefined);
    await until(() => seen().runs["hang"] === 1);
    const stop = new AbortController();
    const second = thrownBy(() => connection.callTool(client, "echo", { signal: stop.signal }));
    await Promise.race([second, setImmediate()]);
    stop.abort();
    expect(findGuardError(await second)).toBeUndefined();
    await client.close();
    await first;
    await until(async () => (await money(guard)).held === 0);
    expect(await money(guard)).toEqual({ held: 0, spent: 3 * DOLLAR });
    expect(seen().runs["echo"]).toBeUndefined();
    expect(refused).toEqual([]);
  });

  test("calls in flight when the client is closed are connection errors, nothing stays held", async () => {
    const { connection, client, records, guard, seen } = await guarded(generation);
    const calls = [1, 2, 3].map(() => thrownBy(() => connection.callTool(client, "hang")));
    await until(() => seen().runs["hang"] === 3);
    await client.close();
    for (const error of await Promise.all(calls)) expect(findGuardError(error)).toBeUndefined();
    await until(() => records.length === 3);
    expect(new Set(records.map((record) => record.outcome))).toEqual(new Set(["connection-error"]));
    expect((await money(guard)).held).toBe(0);
  });

  test("calls in flight when the transport fails to close are connection errors, too", async () => {
    const { guard, records } = watchedGuard();
    const { client, callTool, seen, close } = await generation.connect("memory", (transport) => {
      const broken = Object.assign(transport, {
        close: () => Promise.reject(new Error("cannot close")),
      });
      return guardTransport(broken, guard, { costs: { hang: 0.01 } });
    });
    callTool(client, "hang").catch(() => undefined);
    await until(() => seen().runs["hang"] === 1);
    await thrownBy(close);
    await until(() => records.length === 1);
    expect(records).toMatchObject([{ outcome: "connection-error", costNanoUsd: 10_000_000 }]);
    expect((await money(guard)).held).toBe(0);
  });

  test("under guardClient with the same guard it counts a call once, with the client's price", async () => {
    const { connection, client, guard, records } = await guarded(generation, {
      costs: { echo: 2 },
    });
    const both = guardClient(client, guard, { costs: { echo: 1 } });
    await connection.callTool(both, "echo");
    await connection.request(both, "echo");
    expect(records).toHaveLength(2);
    expect(await money(guard)).toEqual({ held: 0, spent: 2 * DOLLAR });
  });

  test("it sees what goes past a guarded client", async () => {
    const { connection, client, guard, refused } = await guarded(generation);
    guardClient(client, guard);
    await killAll(guard);
    expect(findGuardError(await thrownBy(() => connection.callTool(client, "echo")))?.code).toBe(
      "BR1001",
    );
    expect(refused).toHaveLength(1);
  });

  test("guards of client and transport that differ count a call once each", async () => {
    const { connection, client, records } = await guarded(generation);
    const other = watchedGuard();
    await connection.callTool(guardClient(client, other.guard), "echo");
    expect([records.length, other.records.length]).toEqual([1, 1]);
  });

  test("guarding a transport again counts a call once; the newer options hold", async () => {
    const watched = watchedGuard();
    const other = watchedGuard();
    const connection = await generation.connect("memory", (transport) => {
      const once = guardTransport(transport, watched.guard, { server: "old" });
      const both = guardTransport(once, other.guard);
      return guardTransport(both, watched.guard, { server: "new" });
    });
    await connection.callTool(connection.client, "echo");
    expect(watched.records.map((record) => record.provider)).toEqual(["new"]);
    expect(other.records).toHaveLength(1);
  });

  test("what a getter or toJSON says cannot differ between guard and wire", async () => {
    const { client, guard, seen } = await guarded(generation);
    await guard.kill({ tool: "fail" }, { reason: "test", by: "test", level: "stop" });
    let reads = 0;
    const changing = {
      get name() {
        reads += 1;
        return reads === 1 ? "echo" : "fail";
      },
      arguments: {},
    };
    await (client as Client1).callTool(changing).catch(() => undefined);
    const disguised = { name: "echo", arguments: {}, toJSON: () => ({ name: "fail" }) };
    await (client as Client1).callTool(disguised).catch(() => undefined);
    expect(seen().runs["fail"]).toBeUndefined();
  });

  test("a required evaluator that fails withholds the result, which is paid for", async () => {
    const evaluate = (): { passed: boolean } => ({ passed: false });
    const evaluators = [{ name: "never", on: "tool" as const, required: true, evaluate }];
    const world = await guarded(generation, { costs: { echo: 1 } }, { evaluators });
    const error = await thrownBy(() => world.connection.callTool(world.client, "echo"));
    expect(findGuardError(error)?.code).toBe("BR6001");
    expect(world.records[0]).toMatchObject({ outcome: "success", costNanoUsd: DOLLAR });
  });

  test("over stdio: answers, a kill in flight, a server process that dies", async () => {
    const { guard, records } = watchedGuard();
    const connection = await generation.connect("stdio", (transport) =>
      guardTransport(transport, guard, { costs: { crash: 1 } }),
    );
    try {
      expect((await connection.callTool(connection.client, "echo")).content[0]?.text).toBe(
        "echo hi",
      );
      const call = thrownBy(() => connection.callTool(connection.client, "hang"));
      await until(async () => (await connection.log()).runs["hang"] === 1);
      await guard.kill({ tool: "hang" }, { reason: "test", by: "test", level: "abort" });
      expect(findGuardError(await call)?.code).toBe("BR1001");
      await until(async () => (await connection.log()).cancelled === 1);
      await thrownBy(() => connection.callTool(connection.client, "crash"));
      await until(() => records.some((record) => record.name === "crash"));
      const ends = records.filter(({ name }) => name !== "stats");
      expect(ends.map(({ name, outcome }) => [name, outcome])).toEqual([
        ["echo", "success"],
        ["hang", "killed"],
        ["crash", "connection-error"],
      ]);
      expect(await money(guard)).toEqual({ held: 0, spent: DOLLAR });
    } finally {
      await connection.close();
    }
  });
});

test("refusals leave nothing behind in a client of generation 1", async () => {
  const { connection, client, guard } = await guarded(generation1);
  await killAll(guard);
  const strays: Error[] = [];
  client.onerror = (error) => strays.push(error);
  for (let call = 0; call < 100; call += 1) {
    await thrownBy(() => connection.callTool(client, "echo"));
  }
  const { _responseHandlers: waiting } = client as unknown as {
    _responseHandlers: Map<number, unknown>;
  };
  await until(() => waiting.size === 0);
  expect(strays).toEqual([]);
});

test("a client of generation 2 reports no stray answers for refused calls", async () => {
  const { connection, client, guard } = await guarded(generation2);
  await killAll(guard);
  const strays: Error[] = [];
  client.onerror = (error) => strays.push(error);
  await thrownBy(() => connection.callTool(client, "echo"));
  await thrownBy(() => connection.callTool(client, "echo"));
  expect(strays).toEqual([]);
});

test("a server in this process gets the client's answers to what it asks", async () => {
  const { guard } = watchedGuard();
  const [near, far] = InMemoryTransport.createLinkedPair();
  const client = new Client1({ name: "test", version: "1" }, { capabilities: { sampling: {} } });
  const answer = {
    role: "assistant",
    model: "m",
    content: { type: "text", text: "yes" },
  } as const;
  client.setRequestHandler(CreateMessageRequestSchema, () => answer);
  const server = new Server({ name: "test", version: "1" });
  await Promise.all([server.connect(far), client.connect(guardTransport(near, guard))]);
  expect(await server.ping()).toEqual({});
  const question = { messages: [], maxTokens: 1 };
  expect(await server.createMessage(question, { timeout: 1_000 })).toMatchObject(answer);
});

test("a transport stays what it was: class, properties, handlers", async () => {
  const { guard } = watchedGuard();
  const [near] = InMemoryTransport.createLinkedPair();
  const transport = guardTransport(near, guard);
  expect(transport).toBeInstanceOf(InMemoryTransport);
  const onmessage = (): void => undefined;
  transport.onmessage = onmessage;
  transport.sessionId = "s-1";
  expect([transport.onmessage, near.sessionId]).toEqual([onmessage, "s-1"]);
  expect(near.onmessage).not.toBe(onmessage);
});

test("wrong options and things that are no transport are named", () => {
  const { guard } = watchedGuard();
  const [near] = InMemoryTransport.createLinkedPair();
  expect(() => guardTransport(near, guard, { cost: {} } as never)).toThrow(
    'guardTransport has no option "cost"',
  );
  expect(() => guardTransport(near, guard, { costs: { a: -1 } })).toThrow(
    'guardTransport.costs["a"]',
  );
  expect(() => guardTransport({} as never, guard)).toThrow("the transport of guardTransport");
});

async function guarded(
  generation: Generation,
  options: GuardTransportOptions = {},
  guardOptions: Parameters<typeof watchedGuard>[0] = {},
) {
  const watched = watchedGuard(guardOptions);
  const connection = await generation.connect("memory", (transport) =>
    guardTransport(transport, watched.guard, options),
  );
  return {
    ...watched,
    connection,
    client: connection.client as Client1,
    seen: connection.seen,
  };
}

/** What a call comes to, thrown or not. */
async function settled(run: () => Promise<unknown>): Promise<unknown> {
  return run().catch((error: unknown) => ({ error }));
}
