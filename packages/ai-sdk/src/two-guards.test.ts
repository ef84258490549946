import { findGuardError, type GuardOptions } from "@burnrate/core";
import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { generateText, streamText, wrapLanguageModel } from "ai";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { guardTools } from "./guard-tools.ts";
import {
  httpModel,
  type LanguageModelObject,
  thrownBy,
  type WatchedGuard,
  watchedGuard,
} from "./test-fixture.ts";

const fake: FakeProvider = await startFakeProvider();
beforeEach(() => fake.reset());
afterAll(() => fake.close());

type Ask = (model: LanguageModelObject) => Promise<unknown>;
const generate: Ask = (model) => generateText({ model, prompt: "hi", maxRetries: 2 });
const stream: Ask = async (model) => {
  let thrown: unknown;
  const result = streamText({
    model,
    prompt: "hi",
    maxRetries: 0,
    onError: ({ error }) => {
      thrown = error;
    },
  });
  await result.consumeStream();
  if (thrown !== undefined) throw thrown;
};

/** Nothing fits into it. */
const TIGHT: GuardOptions = { budgets: ["$0.00004/day"] };
const LONG = "word ".repeat(3_000);

const around = (outer: WatchedGuard, inner: WatchedGuard): LanguageModelObject =>
  guardModel(guardModel(httpModel(fake), inner.guard), outer.guard);

async function spent({ guard }: WatchedGuard): Promise<number | undefined> {
  const [budget] = await guard.budgets();
  expect(budget).toMatchObject({ held: 0, unknown: 0 });
  return budget?.settled;
}

describe.each([
  ["generateText", generate],
  ["streamText", stream],
])("two guards on one model, %s", (_, ask) => {
  test("what the inner one refuses costs the outer one nothing", async () => {
    const outer = watchedGuard();
    const inner = watchedGuard(TIGHT);
    const error = await thrownBy(() => ask(around(outer, inner)));
    expect(findGuardError(error)?.code).toBe("BR2001");
    expect(fake.requestCount()).toBe(0);
    expect(outer.records).toMatchObject([{ outcome: "refused", costNanoUsd: 0 }]);
    expect(await spent(outer)).toBe(0);
  });

  test.each(["outer", "inner"])("the lower limit, of the %s one, is sent", async (lower) => {
    fake.script(() => ({ kind: "reply", text: LONG }));
    const low = watchedGuard({ budgets: ["$0.002/day"] });
    const high = watchedGuard();
    await ask(lower === "outer" ? around(low, high) : around(high, low));
    expect(await spent(low)).toBe(fake.billedNanoUsd());
    expect(await spent(high)).toBe(fake.billedNanoUsd());
    expect(fake.billedNanoUsd()).toBeLessThanOrEqual(2_000_000);
  });
});

test("an application's own limit is reserved whole or refused, by both", async () => {
  const outer = watchedGuard();
  const inner = watchedGuard({ budgets: ["$0.002/day"] });
  const model = around(outer, inner);
  const call = () => generateText({ model, prompt: "hi", maxOutputTokens: 5_000 });
  expect(findGuardError(await thrownBy(call))?.code).toBe("BR2001");
  expect(await spent(outer)).toBe(0);
});

test("behind a middleware that may have sent something, a refusal is charged as reserved", async () => {
  const outer = watchedGuard();
  const inner = watchedGuard({ limits: ["1 calls per session"] });
  fake.next({ kind: "cut", afterChunks: 2 });
  const model = wrapLanguageModel({
    model: guardModel(httpModel(fake), inner.guard),
    middleware: [
      guardMiddleware(outer.guard),
      {
        specificationVersion: "v4",
        wrapGenerate: async ({ doGenerate }) => {
          try {
            return await doGenerate();
          } catch {
            return await doGenerate();
          }
        },
      },
    ],
  });
  const call = () => generateText({ model, prompt: "hi", maxRetries: 0 });
  const error = await thrownBy(() => inner.guard.with({ session: "s" }, call));
  expect(findGuardError(error)?.code).toBe("BR4001");
  expect(await spent(outer)).toBeGreaterThanOrEqual(fake.billedNanoUsd());
});

test.each([
  ["a tool", async () => "saw it"],
  [
    "a generator tool",
    async function* () {
      yield "saw it";
    },
  ],
])("%s that the inner one refuses costs the outer one nothing", async (_, execute) => {
  const outer = watchedGuard();
  const inner = watchedGuard(TIGHT);
  const costs = { look: 0.01 };
  const { look } = guardTools(
    guardTools({ look: { execute } }, inner.guard, { costs }),
    outer.guard,
    { costs },
  );
  const error = await thrownBy(async () => {
    const answer: unknown = await look.execute();
    for await (const _part of answer as AsyncIterable<unknown>) expect.unreachable();
  });
  expect(findGuardError(error)?.code).toBe("BR2001");
  expect(outer.records).toMatchObject([{ outcome: "refused", costNanoUsd: 0 }]);
  expect(await spent(outer)).toBe(0);
});
