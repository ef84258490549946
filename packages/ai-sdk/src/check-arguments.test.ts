import { ConfigError } from "@burnrate/core";
import { tool } from "ai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardTools } from "./guard-tools.ts";
import { partStream, streamModel, thrownBy, watchedGuard } from "./test-fixture.ts";

const { guard } = watchedGuard();
const model = streamModel(() => partStream([]));
const search = tool({ inputSchema: z.object({}), execute: async () => "found" });
const asksClient = tool({ inputSchema: z.object({ at: z.string() }), outputSchema: z.string() });

async function messageOf(run: () => unknown): Promise<string> {
  const error = await thrownBy(run);
  expect(error).toBeInstanceOf(ConfigError);
  expect(error).toMatchObject({ code: "BR9001" });
  return (error as Error).message;
}

test.each([
  [null, "the options of guardModel must be an object; got null"],
  ["openai", "the options of guardModel must be an object"],
  [{ providr: "openai" }, 'guardModel has no option "providr"', 'Did you mean "provider"?'],
  [{ provider: 5 }, "guardModel.provider must be a non-empty string"],
  [{ provider: "" }, "guardModel.provider must be a non-empty string"],
])("wrong options of a model are told by name: %j", async (options, ...parts) => {
  const message = await messageOf(() => guardModel(model, guard, options as never));
  for (const part of parts) expect(message).toContain(part);
});

test("wrong options of a middleware are told by its name", async () => {
  const misspelt = { providers: "openai" } as never;
  expect(await messageOf(() => guardMiddleware(guard, misspelt))).toContain(
    'guardMiddleware has no option "providers"; allowed are "provider", "models".',
  );
});

test.each([undefined, null, "tools", 7, []])("tools that are none: %j", async (tools) => {
  expect(await messageOf(() => guardTools(tools as never, guard))).toContain(
    "the tools of guardTools must be an object",
  );
});

describe("costs of tools", () => {
  const withCosts = (costs: unknown) => () =>
    guardTools({ search, asksClient }, guard, { costs } as never);

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, "0.1", null, {}, 1e300])(
    "a price that no call can have is refused: %j",
    async (usd) => {
      expect(await messageOf(withCosts({ search: usd }))).toContain(
        'guardTools.costs["search"] must be dollars a call, from 0 to 9007199; got',
      );
    },
  );

  test.each([null, [], "free", 1])("that are no list of prices are refused: %j", async (costs) => {
    expect(await messageOf(withCosts(costs))).toContain("guardTools.costs must be an object");
  });

  test("a misspelt tool is refused, because its calls would be free", async () => {
    const message = await messageOf(withCosts({ serach: 0.1 }));
    expect(message).toContain('guardTools.costs has no option "serach"');
    expect(message).toContain('Did you mean "search"?');
  });

  test("a tool that someone else executes has no price here", async () => {
    expect(await messageOf(withCosts({ asksClient: 0.1 }))).toContain('allowed are "search"');
  });

  test("a tool named like a member of every object costs nothing by itself", async () => {
    const { guard: own, records } = watchedGuard();
    const tools = guardTools({ toString: search }, own, { costs: {} });
    await tools.toString.execute?.({}, { toolCallId: "1", messages: [], context: {} } as never);
    expect(records[0]?.costNanoUsd ?? 0).toBe(0);
  });
});

test("an option set to undefined counts as left out", () => {
  const options = { provider: undefined } as never;
  expect(guardModel(model, guard, options).modelId).toBe(model.modelId);
  expect(guardTools({ search }, guard, { costs: undefined } as never).search).toBeDefined();
});
