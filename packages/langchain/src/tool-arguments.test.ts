import { findGuardError, type Guard } from "@burnrate/core";
import { createAgent, tool } from "langchain";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardEverywhere } from "./guard-everywhere.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardTool } from "./guard-tool.ts";
import { chat, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();

/** A model that asks twice for the same, each time with the keys in another order. */
beforeEach(() =>
  fake.script(() => ({
    kind: "reply",
    toolCalls: [
      { name: "book", arguments: { seat: 4, train: "IC 5" } },
      { name: "book", arguments: { train: "IC 5", seat: 4 } },
    ],
  })),
);

const book = tool(() => "booked", {
  name: "book",
  description: "Books a seat",
  schema: z.object({ seat: z.number(), train: z.string() }),
});

const input = { messages: [{ role: "user" as const, content: "hi" }] };

const hooks: Readonly<Record<string, (guard: Guard) => Promise<unknown>>> = {
  guardMiddleware: (guard) =>
    createAgent({
      model: chat(fake),
      tools: [book],
      middleware: [guardMiddleware(guard)],
    }).invoke(input),
  guardCallback: (guard) =>
    createAgent({ model: chat(fake), tools: [book] }).invoke(input, {
      callbacks: [guardCallback(guard)],
    }),
  guardEverywhere: async (guard) => {
    const undo = guardEverywhere(guard);
    try {
      return await createAgent({ model: chat(fake), tools: [book] }).invoke(input);
    } finally {
      undo();
    }
  },
  guardTool: (guard) =>
    guard.task({ name: "booking" }, () =>
      createAgent({ model: chat(fake), tools: [guardTool(book, guard)] }).invoke(input, {
        callbacks: [guardCallback(guard, { tools: false })],
      }),
    ),
};

describe.each(Object.entries(hooks))("a tool's arguments, seen by %s", (_, run) => {
  test("reach evaluators as they are, and count as the same in any order of their keys", async () => {
    const seen: unknown[] = [];
    const { guard, records } = watchedGuard({
      limits: { repeatedToolCall: { alertAt: 2, refuseAt: 3 } },
      evaluators: [
        {
          name: "arguments",
          on: "tool",
          mode: "inline",
          evaluate: ({ input: given }) => {
            seen.push(given);
            return { score: 1, passed: true };
          },
        },
      ],
    });
    const error = await thrownBy(() => run(guard));
    expect(findGuardError(error)?.code).toBe("BR4003");
    expect(records.filter(({ kind }) => kind === "tool")).toHaveLength(2);
    const asked = { seat: 4, train: "IC 5" };
    expect(seen).toEqual([asked, asked]);
    await guard.close();
  });
});
