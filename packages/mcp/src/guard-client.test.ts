import { findGuardError } from "@burnrate/core";
import { takeClaim, withClaim } from "@burnrate/core/adapter";
import { Client as Client2 } from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { EmptyResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { type Generation, generation1, generation2, generations } from "./testing/generations.ts";
import { killAll, money, thrownBy, until, watchedGuard } from "./testing/watched-guard.ts";

describe.each(generations)("$name", (generation) => {
  test.each(["callTool", "request"] as const)(
    "%s is recorded once, under the server's name",
    async (via) => {
      const { connection, client, records } = await guarded(generation);
      const answer = await connection[via](client, "echo");
      expect(answer.content).toEqual([{ type: "text", text: "echo hi" }]);
      expect(records).toHaveLength(1);
      expect(records[0]).toMatchObject({
        kind: "tool",
        name: "echo",
        provider: generation === generation1 ? "server-1" : "server-2",
        outcome: "success",
      });
      expect((await connection.log()).runs).toEqual({ echo: 1 });
    },
  );

  test("a method taken off the client is still guarded, and stays the same method", async () => {
    const { client, guard, connection } = await guarded(generation);
    expect(client.callTool).toBe(client.callTool);
    const { callTool, request } = client as unknown as Record<
      string,
      (...args: unknown[]) => unknown
    >;
    await killAll(guard);
    const params = { name: "echo", arguments: {} };
    expect(findGuardError(await thrownBy(() => callTool?.(params)))?.code).toBe("BR1001");
    const raw = { method: "tools/call", params };
    expect(findGuardError(await thrownBy(() => request?.(raw)))?.code).toBe("BR1001");
    expect((await connection.log()).runs).toEqual({});
  });

  test("other methods work detached, too, and stay the same methods", async () => {
    const { client } = await guarded(generation);
    const { listTools, ping } = client;
    expect((await listTools()).tools.length).toBeGreaterThan(0);
    await ping();
    expect(client.listTools).toBe(listTools);
  });

  test("the client stays what it was: class, properties, other requests", async () => {
    const { client, connection, records, guard } = await guarded(generation);
    await killAll(guard);
    expect(client).toBeInstanceOf(generation === generation1 ? Client1 : Client2);
    expect(client.constructor).toBe(connection.client.constructor);
    expect(client.transport).toBe(connection.client.transport);
    const onclose = (): void => undefined;
    client.onclose = onclose;
    expect(client.onclose).toBe(onclose);
    expect(connection.client.onclose).toBe(onclose);
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toContain("echo");
    await client.ping();
    await client.request({ method: "ping" }, EmptyResultSchema);
    expect(records).toEqual([]);
  });

  test("a result that says isError is a failed call, paid for, and reaches the application", async () => {
    const { connection, client, records } = await guarded(generation, { costs: { fail: 0.25 } });
    const answer = await connection.callTool(client, "fail");
    expect(answer.isError).toBe(true);
    expect(records[0]).toMatchObject({ outcome: "tool-error", costNanoUsd: 250_000_000 });
  });

  test("an unknown tool fails as it does without a guard, and is no success", async () => {
    const { connection, client, records } = await guarded(generation);
    const bare = await settled(() => connection.callTool(connection.client, "nope"));
    expect(await settled(() => connection.callTool(client, "nope"))).toEqual(bare);
    expect(["tool-error", "failed"]).toContain(records[0]?.outcome);
  });

  test("a tool costs its price, a refused one nothing", async () => {
    const costs = (tool: string): number | undefined => (tool === "echo" ? 2 : undefined);
    const { connection, client, guard, records, refused } = await guarded(generation, { costs });
    await connection.callTool(client, "echo");
    await connection.request(client, "echo");
    const error = await thrownBy(() => connection.callTool(client, "echo"));
    expect(findGuardError(error)?.code).toBe("BR2001");
    expect(await money(guard)).toEqual({ held: 0, spent: 4_000_000_000 });
    expect(records.map((record) => record.costNanoUsd)).toEqual([2e9, 2e9]);
    expect(refused).toHaveLength(1);
    expect((await connection.log()).runs).toEqual({ echo: 2 });
  });

  test("the application's name for the server counts in kills", async () => {
    const { connection, client, guard, records } = await guarded(generation, { server: "shop" });
    await connection.callTool(client, "echo");
    expect(records[0]?.provider).toBe("shop");
    await guard.kill({ provider: "shop" }, { reason: "test", by: "test", level: "stop" });
    expect(findGuardError(await thrownBy(() => connection.callTool(client, "echo")))?.code).toBe(
      "BR1001",
    );
  });

  test("the SDK's time-out is a timeout, and the application gets the SDK's own error", async () => {
    const { connection, client, records, guard } = await guarded(generation, {
      costs: { hang: 1 },
    });
    const options = { timeout: 5 };
    const bare = await thrownBy(() => connection.callTool(connection.client, "hang", options));
    const error = await thrownBy(() => connection.callTool(client, "hang", options));
    expect(error).toEqual(bare);
    expect(records[0]?.outcome).toBe("timeout");
    expect(await money(guard)).toEqual({ held: 0, spent: 1_000_000_000 });
  });

  test("the caller's abort is no timeout, and the server hears of it", async () => {
    const { connection, client, records, guard } = await guarded(generation, {
      costs: { hang: 1 },
    });
    const stop = new AbortController();
    const call = thrownBy(() => connection.callTool(client, "hang", { signal: stop.signal }));
    await until(async () => (await connection.log()).runs["hang"] === 1);
    stop.abort();
    expect(findGuardError(await call)).toBeUndefined();
    expect(records[0]?.outcome).toBe("aborted");
    expect(await money(guard)).toEqual({ held: 0, spent: 1_000_000_000 });
    await until(async () => (await connection.log()).cancelled === 1);
  });

  test("an answer of a client that did not listen to a kill is charged and withheld", async () => {
    const { guard, records } = watchedGuard();
    const { client } = await generation.connect();
    const callTool = client.callTool.bind(client) as (params: unknown) => Promise<unknown>;
    const deaf = async (params: unknown) => {
      const answer = await callTool(params);
      await killAll(guard, "abort");
      return answer;
    };
    Object.assign(client, { callTool: deaf });
    const guardedClient = guardClient(client, guard, { costs: { echo: 1 } });
    const params = { name: "echo", arguments: {} };
    const error = await thrownBy(() => guardedClient.callTool(params));
    expect(findGuardError(error)?.code).toBe("BR1001");
    expect(records.map(({ outcome }) => outcome)).toEqual(["killed"]);
    expect(await money(guard)).toEqual({ held: 0, spent: 1_000_000_000 });
  });

  test("a call that was aborted beforehand is not sent, costs nothing, fails as without a guard", async () => {
    const { connection, client, records, guard } = await guarded(generation, {
      costs: { echo: 1 },
    });
    const options = { signal: AbortSignal.abort("enough") };
    const bare = await thrownBy(() => connection.callTool(connection.client, "echo", options));
    expect(await thrownBy(() => connection.callTool(client, "echo", options))).toEqual(bare);
    expect(records.map((record) => record.outcome)).toEqual(["aborted"]);
    expect(await money(guard)).toEqual({ held: 0, spent: 0 });
    expect((await connection.log()).runs).toEqual({});
  });

  test("a kill cuts a call in flight: our error, one record, the next call refused", async () => {
    const { connection, client, records, guard } = await guarded(generation);
    const call = thrownBy(() => connection.callTool(client, "hang"));
    await until(async () => (await connection.log()).runs["hang"] === 1);
    await killAll(guard, "abort");
    expect(findGuardError(await call)?.code).toBe("BR1001");
    expect(records.map((record) => record.outcome)).toEqual(["killed"]);
    await until(async () => (await connection.log()).cancelled === 1);
    expect(findGuardError(await thrownBy(() => connection.request(client, "echo")))?.code).toBe(
      "BR1001",
    );
    expect((await connection.log()).runs).toEqual({ hang: 1 });
    expect((await money(guard)).held).toBe(0);
  });

  test("calls in flight when the client is closed are connection errors, and nothing stays held", async () => {
    const { connection, client, records, guard } = await guarded(generation);
    const calls = [1, 2, 3].map(() => thrownBy(() => connection.callTool(client, "hang")));
    await until(async () => (await connection.log()).runs["hang"] === 3);
    await client.close();
    for (const error of await Promise.all(calls)) expect(findGuardError(error)).toBeUndefined();
    expect(records.map((record) => record.outcome)).toEqual(
      Array.from({ length: 3 }, () => "connection-error"),
    );
    expect((await money(guard)).held).toBe(0);
  });

  test("guarding a guarded client counts a call once; the newer options hold", async () => {
    const { connection, client, guard, records } = await guarded(generation, { server: "old" });
    await connection.callTool(guardClient(client, guard, { server: "new" }), "echo");
    expect(records.map((record) => record.provider)).toEqual(["new"]);
  });

  test("two guards count a call once each, in whatever order and how often they are put on", async () => {
    const { connection, client, guard, records } = await guarded(generation);
    const other = watchedGuard();
    const both = guardClient(client, other.guard);
    await connection.callTool(both, "echo");
    expect([records.length, other.records.length]).toEqual([1, 1]);
    await connection.callTool(guardClient(guardClient(both, guard), other.guard), "echo");
    expect([records.length, other.records.length]).toEqual([2, 2]);
    expect((await connection.log()).runs).toEqual({ echo: 2 });
  });

  test("a wrapper that the application puts around a guarded method runs, and is counted once", async () => {
    const { connection, client, records } = await guarded(generation);
    const patched = client as unknown as { callTool: (...args: unknown[]) => unknown };
    const before = patched.callTool;
    let seen = 0;
    patched.callTool = (...args) => {
      seen += 1;
      return before(...args);
    };
    await connection.callTool(client, "echo");
    expect([seen, records.length]).toEqual([1, 1]);
  });

  test("what a getter or toJSON says cannot differ between guard and wire", async () => {
    const { connection, client, guard, records } = await guarded(generation);
    await guard.kill({ tool: "fail" }, { reason: "test", by: "test", level: "stop" });
    let reads = 0;
    const changing = {
      get name() {
        reads += 1;
        return reads === 1 ? "echo" : "fail";
      },
      arguments: {},
    };
    await (client as Client1).callTool(changing);
    const disguised = { name: "echo", arguments: {}, toJSON: () => ({ name: "fail" }) };
    const refusal = await thrownBy(() => (client as Client1).callTool(disguised));
    expect(findGuardError(refusal)?.code).toBe("BR1001");
    const boxed = { method: Object("tools/call"), params: { name: Object("fail") } };
    const error = await thrownBy(() =>
      (client as Client1).request(boxed as never, undefined as never),
    );
    expect(findGuardError(error)?.code).toBe("BR1001");
    expect(records.map((record) => record.name)).toEqual(["echo"]);
    expect((await connection.log()).runs).toEqual({ echo: 1 });
  });

  test("an evaluator sees arguments and result; the record keeps neither", async () => {
    const seen: { input: unknown; output: unknown }[] = [];
    const evaluate = ({ input, output }: { input?: unknown; output?: unknown }) => {
      seen.push({ input, output });
      return { passed: true };
    };
    const evaluators = [{ name: "see", on: "tool" as const, required: true, evaluate }];
    const { connection, client, records } = await guarded(generation, {}, { evaluators });
    const answer = await connection.callTool(client, "echo");
    expect(seen).toEqual([{ input: { text: "hi" }, output: answer }]);
    expect(JSON.stringify(records)).not.toContain("echo hi");
  });

  test("a required evaluator that fails withholds the result, which is paid for", async () => {
    const evaluate = (): { passed: boolean } => ({ passed: false });
    const evaluators = [{ name: "never", on: "tool" as const, required: true, evaluate }];
    const { connection, client, records } = await guarded(
      generation,
      { costs: { echo: 1 } },
      { evaluators },
    );
    expect(findGuardError(await thrownBy(() => connection.callTool(client, "echo")))?.code).toBe(
      "BR6001",
    );
    expect(records[0]).toMatchObject({ outcome: "success", costNanoUsd: 1_000_000_000 });
  });
});

test("one guard counts clients of both generations in one process", async () => {
  const watched = watchedGuard();
  for (const generation of [generation1, generation2]) {
    const connection = await generation.connect();
    await connection.callTool(guardClient(connection.client as Client1, watched.guard), "echo");
  }
  expect(watched.records.map((record) => record.provider)).toEqual(["server-1", "server-2"]);
});

test("what a server in this process calls is a call of its own", async () => {
  const { guard } = watchedGuard({ budgets: [] });
  const key = { guard, kind: "model", name: "gpt-5" } as const;
  const permit = await guard.begin({ kind: "model", name: "gpt-5", estimate: { inputTokens: 1 } });
  const act = async (): Promise<unknown> => ({ claimed: takeClaim(key) !== undefined });
  const client = guardClient({ callTool: act, request: act }, guard);
  expect(await withClaim(key, permit, () => client.callTool())).toEqual({ claimed: false });
  await permit.release();
});

test("tool names beyond ASCII can be killed by name, and priced", async () => {
  const { guard, records } = watchedGuard();
  const act = async (): Promise<unknown> => ({});
  const name = "családfa 👨‍👩‍👧";
  const client = guardClient({ callTool: act, request: act }, guard, { costs: { [name]: 1 } });
  const callTool = client.callTool as (params: unknown) => Promise<unknown>;
  await callTool({ name });
  expect(records[0]).toMatchObject({ name, costNanoUsd: 1_000_000_000, provider: "mcp" });
  await guard.kill({ tool: name }, { reason: "test", by: "test", level: "stop" });
  expect(findGuardError(await thrownBy(() => callTool({ name })))?.code).toBe("BR1001");
});

async function guarded(
  generation: Generation,
  options: Parameters<typeof guardClient>[2] = {},
  guardOptions: Parameters<typeof watchedGuard>[0] = {},
) {
  const watched = watchedGuard(guardOptions);
  const connection = await generation.connect();
  const client = guardClient(connection.client as Client1, watched.guard, options);
  return { ...watched, connection, client };
}

/** What a call comes to, thrown or not. */
async function settled(run: () => Promise<unknown>): Promise<unknown> {
  return run().catch((error: unknown) => ({ error }));
}

test.each([
  ["frozen", Object.freeze],
  ["sealed", Object.seal],
  ["without request", ({ callTool }: { callTool: () => unknown }) => ({ callTool })],
])("a client made by hand that is %s can be guarded", async (_, made) => {
  const { guard, records } = watchedGuard();
  const result = { content: [] };
  const plain = { callTool: () => Promise.resolve(result), request: () => undefined };
  const client = guardClient(made(plain) as typeof plain, guard, { costs: { search: 0.01 } });
  expect(await (client.callTool as (params: unknown) => unknown)({ name: "search" })).toBe(result);
  expect(records).toMatchObject([{ name: "search", costNanoUsd: 10_000_000 }]);
});
