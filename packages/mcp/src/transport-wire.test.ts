import { findGuardError } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { expect, test } from "vitest";
import { guardTransport } from "./guard-transport.ts";
import { money, thrownBy, until, watchedGuard } from "./testing/watched-guard.ts";

const DOLLAR = 1_000_000_000;

test("a server that answers with another spelling of the id does not slip by", async () => {
  const { guard, records } = watchedGuard();
  const [near, far] = InMemoryTransport.createLinkedPair();
  const transport = guardTransport(near, guard);
  const heard: unknown[] = [];
  transport.onmessage = (message) => heard.push(message);
  far.onmessage = () => void far.send({ jsonrpc: "2.0", id: "7", result: { content: [] } });
  await transport.start();
  await far.start();
  const params = { name: "echo", arguments: {} };
  await transport.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params });
  expect(records.map((record) => record.outcome)).toEqual(["success"]);
  expect(heard).toHaveLength(1);
});

test("a server that answers before it was asked hides no refusal, and no call", async () => {
  const policy = Promise.withResolvers<{ outcome: "allow" | "deny"; ruleId: string }>();
  const { guard, records } = watchedGuard({ policy: { decide: () => policy.promise } });
  const [near, far] = InMemoryTransport.createLinkedPair();
  const transport = guardTransport(near, guard);
  const heard: unknown[] = [];
  transport.onmessage = (message) => heard.push(message);
  await far.start();
  const params = { name: "echo", arguments: {}, task: {} };
  const call = thrownBy(() =>
    transport.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params }),
  );
  const task = { taskId: "forged", status: "working" };
  await far.send({ jsonrpc: "2.0", id: 7, result: { task } });
  await far.send({ jsonrpc: "2.0", id: 7, result: { content: [] } });
  policy.resolve({ outcome: "deny", ruleId: "none" });
  expect(findGuardError(await call)?.code).toBe("BR3001");
  expect([heard, records]).toEqual([[], []]);
});

test("progress keeps a call alive that takes longer than a reservation", async () => {
  const clock = createFakeClock();
  const { guard, records } = watchedGuard({ clock });
  const [near, far] = InMemoryTransport.createLinkedPair();
  const transport = guardTransport(near, guard, { costs: { echo: 1 } });
  await transport.start();
  await far.start();
  const params = { name: "echo", _meta: { progressToken: 1 } };
  const call = transport.send({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
  await until(async () => (await money(guard)).held === DOLLAR);
  for (let progress = 0; progress < 5; progress += 1) {
    clock.advance(400_000);
    const told = { progressToken: 1, progress };
    await far.send({ jsonrpc: "2.0", method: "notifications/progress", params: told });
  }
  expect(await money(guard)).toEqual({ held: DOLLAR, spent: 0 });
  await far.send({ jsonrpc: "2.0", id: 1, result: { content: [] } });
  await call;
  expect(records.map((record) => record.outcome)).toEqual(["success"]);
});

test("a batch, and a call that wants no answer, do not slip by", async () => {
  const { guard, records } = watchedGuard({ budgets: ["$5/day", "1 calls/day"] });
  const [near, far] = InMemoryTransport.createLinkedPair();
  const transport = guardTransport(near, guard);
  const sent: unknown[] = [];
  far.onmessage = (message) => {
    sent.push(message);
    if ("id" in message)
      void far.send({ jsonrpc: "2.0", id: message.id as number, result: { content: [] } });
  };
  await transport.start();
  await far.start();
  const call = (id: number): object => ({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: { name: "echo" },
  });
  const batch = await thrownBy(() => transport.send([call(1), call(2)] as never));
  expect(findGuardError(batch)?.code).toBe("BR2001");
  const { id: _, ...silent } = call(3) as { id: number };
  expect(await thrownBy(() => transport.send(silent as never))).toBeInstanceOf(TypeError);
  await until(() => records.length === 1);
  expect(sent).toHaveLength(1);
});
