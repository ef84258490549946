import { setImmediate } from "node:timers/promises";
import { createMemoryStore, findGuardError, type Ledger, type Store } from "@burnrate/core";
import { describe, expect, test } from "vitest";
import { guardTransport } from "./guard-transport.ts";
import type { McpTransport, Message } from "./mcp-transport.ts";
import { read } from "./shape.ts";
import { generations } from "./testing/generations.ts";
import { thrownBy, until, watchedGuard } from "./testing/watched-guard.ts";

describe.each(generations)("$name over a guarded transport", (generation) => {
  test("a server hears of a kill before a slow store has taken the charge", async () => {
    const answered = Promise.withResolvers<void>();
    const { guard, records } = watchedGuard({ store: settlingAfter(answered.promise) });
    const connection = await generation.connect("memory", (transport) =>
      guardTransport(transport, guard, { costs: { hang: 1 } }),
    );
    const call = thrownBy(() => connection.callTool(connection.client, "hang"));
    await until(() => connection.seen().runs["hang"] === 1);
    void guard.kill({ tool: "hang" }, { reason: "test", by: "test", level: "abort" });
    await until(() => connection.seen().cancelled === 1);
    expect(records).toEqual([]);
    answered.resolve();
    expect(findGuardError(await call)?.code).toBe("BR1001");
    expect(records.map(({ outcome }) => outcome)).toEqual(["killed"]);
  });

  test("an answer that comes while a slow store takes the charge of a kill is withheld", async () => {
    const stored = Promise.withResolvers<void>();
    const { guard, records } = watchedGuard({ store: settlingAfter(stored.promise) });
    const late = Promise.withResolvers<void>();
    const connection = await generation.connect("memory", (transport) =>
      guardTransport(answeringAfter(transport, late.promise), guard, { costs: { echo: 1 } }),
    );
    const got = connection.callTool(connection.client, "echo").catch((error: unknown) => error);
    await until(() => connection.seen().runs["echo"] === 1);
    void guard.kill({ tool: "echo" }, { reason: "test", by: "test", level: "abort" });
    await until(() => guard.kills().length === 1);
    late.resolve();
    await setImmediate();
    stored.resolve();
    expect(findGuardError(await got)?.code).toBe("BR1001");
    expect(records.map(({ outcome }) => outcome)).toEqual(["killed"]);
  });
});

/** A store that takes no charge before. */
function settlingAfter(taken: Promise<void>): Store {
  const store = createMemoryStore();
  const ledger: Ledger = {
    ...store.ledger,
    settle: async (ends) => {
      await taken;
      return store.ledger.settle(ends);
    },
  };
  return { ...store, ledger };
}

/** What a tool says comes late. */
function answeringAfter<T extends McpTransport>(transport: T, late: Promise<void>): T {
  return new Proxy(transport, {
    set(target, key, value) {
      const listener = (message: Message, extra: unknown): void => {
        if (read(message["result"], "content") === undefined) value(message, extra);
        else void late.then(() => value(message, extra));
      };
      return Reflect.set(target, key, key === "onmessage" ? listener : value);
    },
  });
}
