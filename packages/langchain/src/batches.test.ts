import { findGuardError } from "@burnrate/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardModel } from "./guard-model.ts";
import { chat, drain, killAll, money, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();

const questions = ["a", "b", "c", "d", "e"];

describe.each(["model", "callback"] as const)("a batch, guarded by a %s", (hook) => {
  const setUp = (options: Parameters<typeof watchedGuard>[0] = {}) => {
    const watched = watchedGuard(options);
    const bare = chat(fake);
    const model = hook === "model" ? guardModel(bare, watched.guard) : bare;
    const callbacks = hook === "callback" ? [guardCallback(watched.guard)] : [];
    return { ...watched, model, config: { callbacks } };
  };

  test("is a call for each question", async () => {
    const { guard, records, model, config } = setUp();
    const answers = await model.batch(questions, { ...config, maxConcurrency: 2 });
    expect(answers).toHaveLength(5);
    expect(records).toHaveLength(5);
    expect(await money(guard)).toEqual({ held: 0, spent: fake.billedNanoUsd() });
  });

  test("is refused where the budget ends, and answers before that", async () => {
    const { guard, model, config } = setUp({ budgets: ["3 calls/day"] });
    const answers = await model.batch(
      questions,
      { ...config, maxConcurrency: 1 },
      { returnExceptions: true },
    );
    expect(answers.map((answer) => findGuardError(answer)?.code)).toEqual([
      undefined,
      undefined,
      undefined,
      "BR2001",
      "BR2001",
    ]);
    expect(fake.requestCount()).toBe(3);
    const error = await thrownBy(() => model.batch(questions, config));
    expect(findGuardError(error)?.code).toBe("BR2001");
    expect((await money(guard)).held).toBe(0);
  });
});

describe.each(["model", "callback"] as const)("structured output, guarded by a %s", (hook) => {
  const schema = z.object({ answer: z.number() });
  const setUp = () => {
    const watched = watchedGuard();
    const model = hook === "model" ? guardModel(chat(fake), watched.guard) : chat(fake);
    const callbacks = hook === "callback" ? [guardCallback(watched.guard)] : [];
    return { ...watched, model, config: { callbacks } };
  };

  test.each(["jsonSchema", "functionCalling", "jsonMode"] as const)(
    "by %s is one call at its price",
    async (method) => {
      const { guard, records, model, config } = setUp();
      const answer = { answer: 42 };
      fake.next(
        method === "functionCalling"
          ? { kind: "reply", toolCalls: [{ name: "extract", arguments: answer }] }
          : { kind: "reply", text: JSON.stringify(answer) },
      );
      const structured = model.withStructuredOutput(schema, { method });
      expect(await structured.invoke("hi", config)).toEqual(answer);
      expect(records).toHaveLength(1);
      expect((await money(guard)).spent).toBe(fake.billedNanoUsd());
    },
  );

  test("is refused before it is sent, streamed or not", async () => {
    const { guard, model, config } = setUp();
    await killAll(guard);
    const structured = model.withStructuredOutput(schema);
    for (const run of [
      () => structured.invoke("hi", config),
      async () => drain(await structured.stream("hi", config)),
    ]) {
      expect(findGuardError(await thrownBy(run))?.code).toBe("BR1001");
    }
    expect(fake.requestCount()).toBe(0);
  });
});
