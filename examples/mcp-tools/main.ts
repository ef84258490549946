import { createGuard, findGuardError, type Guard } from "burnrate";
import { connectBoth, connectClient } from "./guarded-client.ts";
import { connectAiSdk } from "./guarded-transport.ts";
import { printTable, type Row, rowOf } from "./table.ts";

/** Tool calls of a real MCP server, started over stdio, under one budget and one kill switch. */
const budget = "$0.60/day";
const query = { name: "search", arguments: { query: "a fox" } };

async function frontDoor(guard: Guard): Promise<Row[]> {
  const client = await connectClient(guard);
  const search = await rowOf("search, guarded client", guard, () => client.callTool(query));
  const started = Promise.withResolvers<void>();
  const cut = rowOf("render, killed while it runs", guard, () =>
    client.callTool({ name: "render" }, undefined, { onprogress: () => started.resolve() }),
  );
  await started.promise;
  const kill = { reason: "renders the same picture", by: "on-call", level: "abort" } as const;
  await guard.kill({ tool: "render" }, kill);
  const rows = [search, await cut];
  rows.push(await rowOf("render again", guard, () => client.callTool({ name: "render" })));
  await client.close();
  return rows;
}

async function secondLine(guard: Guard): Promise<Row[]> {
  const { client, bare } = await connectBoth(guard);
  const rows = [
    await rowOf("search, client and transport", guard, () => client.callTool(query)),
    await rowOf("search, past the client", guard, () => bare.callTool(query)),
  ];
  await client.close();
  return rows;
}

async function aiSdk(guard: Guard): Promise<Row[]> {
  const client = await connectAiSdk(guard);
  const { search } = await client.tools();
  const run = search?.execute as unknown as (...given: unknown[]) => Promise<unknown>;
  const call = (): Promise<unknown> => run(query.arguments, { toolCallId: "1", messages: [] });
  const rows = [await rowOf("search, @ai-sdk/mcp", guard, call)];
  await guard.setBudget(budget, { limit: { usd: 0.54 } }, { reason: "enough", by: "on-call" });
  rows.push(await rowOf("search, over the budget", guard, call));
  await client.close();
  return rows;
}

const guard = createGuard({ budgets: [budget], store: "memory" });
try {
  printTable([...(await frontDoor(guard)), ...(await secondLine(guard)), ...(await aiSdk(guard))]);
} catch (error) {
  console.error(findGuardError(error)?.message ?? error);
  process.exitCode = 1;
} finally {
  await guard.close();
}
