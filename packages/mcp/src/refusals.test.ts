import { findGuardError } from "@burnrate/core";
import { loadMcpTools } from "@langchain/mcp-adapters";
import type { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { describe, expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { generation1, generations } from "./testing/generations.ts";
import { killAll, thrownBy, watchedGuard } from "./testing/watched-guard.ts";

const ways = ["callTool", "request"] as const;

describe.each(generations)("$name", (generation) => {
  describe.each(ways)("a refused %s executes nothing", (via) => {
    test("over the budget", async () => {
      const { guard, refused, records } = watchedGuard({ budgets: ["$0.01/day"] });
      const connection = await generation.connect();
      const client = guardClient(connection.client as Client1, guard, { costs: { echo: 0.02 } });
      const error = await thrownBy(() => connection[via](client, "echo"));
      expect(findGuardError(error)?.code).toBe("BR2001");
      expect((await connection.log()).runs).toEqual({});
      expect([refused.length, records.length]).toEqual([1, 0]);
    });

    test("killed, over stdio", async () => {
      const { guard, refused } = watchedGuard();
      const connection = await generation.connect("stdio");
      try {
        await guard.kill({ tool: "echo" }, { reason: "test", by: "test", level: "stop" });
        const client = guardClient(connection.client as Client1, guard);
        const error = await thrownBy(() => connection[via](client, "echo"));
        expect(findGuardError(error)?.code).toBe("BR1001");
        expect((await connection.log()).runs).toEqual({});
        expect(refused).toHaveLength(1);
      } finally {
        await connection.close();
      }
    });

    test("as a result for the model, with the refusal's own message alone", async () => {
      const { guard, refused } = watchedGuard();
      const connection = await generation.connect();
      const client = guardClient(connection.client as Client1, guard, { denyMode: "result" });
      await killAll(guard);
      const answer = await connection[via](client, "echo");
      const text = refused[0]?.message;
      expect(text).toMatch(/^BR1001 /);
      expect(answer).toEqual({ isError: true, content: [{ type: "text", text }] });
      expect((await connection.log()).runs).toEqual({});
    });
  });

  test("the mode for refusals leaves other errors alone", async () => {
    const { guard } = watchedGuard();
    const connection = await generation.connect();
    const client = guardClient(connection.client as Client1, guard, { denyMode: "result" });
    const options = { timeout: 5 };
    const bare = await thrownBy(() => connection.callTool(connection.client, "hang", options));
    expect(await thrownBy(() => connection.callTool(client, "hang", options))).toEqual(bare);
  });

  test("LangChain's adapters load a guarded client; a refusal is heard through the guard's event", async () => {
    const { guard, refused, records } = watchedGuard();
    const connection = await generation.connect();
    const client = guardClient(connection.client as Client1, guard);
    const tools = await loadMcpTools("shop", client);
    const echo = tools.find((tool) => tool.name === "echo");
    expect(await echo?.invoke({ text: "hi" })).toBe("echo hi");
    await killAll(guard);
    const error = await thrownBy(() => echo?.invoke({ text: "hi" }));
    expect((error as Error).name).toBe("ToolException");
    expect(findGuardError(error), "LangChain's error keeps no cause").toBeUndefined();
    expect(refused.map(({ code }) => code)).toEqual(["BR1001"]);
    expect(records).toHaveLength(1);
    expect((await connection.log()).runs).toEqual({ echo: 1 });
  });

  test("LangChain's adapters give the model a refusal as a tool message when asked to", async () => {
    const { guard, refused } = watchedGuard();
    const connection = await generation.connect();
    const client = guardClient(connection.client as Client1, guard, { denyMode: "result" });
    const tools = await loadMcpTools("shop", client);
    await killAll(guard);
    const error = await thrownBy(() => tools.find((tool) => tool.name === "echo")?.invoke({}));
    expect(String(error)).toContain(refused[0]?.message);
    expect((await connection.log()).runs).toEqual({});
  });
});

test("100 calls at once stay within the budget", async () => {
  const { guard, refused, records } = watchedGuard({ budgets: ["$0.05/day"] });
  const connection = await generation1.connect();
  const client = guardClient(connection.client, guard, { costs: { echo: 0.01 } });
  const calls = Array.from({ length: 100 }, () => connection.callTool(client, "echo"));
  await Promise.allSettled(calls);
  expect((await connection.log()).runs).toEqual({ echo: 5 });
  expect([records.length, refused.length]).toEqual([5, 95]);
});
