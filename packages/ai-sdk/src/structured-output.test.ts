import { findGuardError } from "@burnrate/core";
import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { generateText, Output } from "ai";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { guardModel } from "./guard-model.ts";
import { httpModel, killAll, thrownBy, watchedGuard } from "./test-fixture.ts";
import { GENERATIONS } from "./testing/generations.ts";

const fake: FakeProvider = await startFakeProvider();
beforeEach(() => fake.reset());
afterAll(() => fake.close());

const schema = z.object({ city: z.string() });
const reply = { kind: "reply", text: '{"city":"Oslo"}' } as const;

for (const { version, sdk, provider } of GENERATIONS) {
  describe(`objects on ai ${version}`, () => {
    test("come whole and as a stream, each a call", async () => {
      const { guard, records, tasks } = watchedGuard();
      const model = guardModel(provider(fake)("gpt-5-mini"), guard);
      fake.script([reply, reply]);
      const settings = { model, schema, prompt: "Where?" };
      expect((await sdk.generateObject(settings)).object).toEqual({ city: "Oslo" });
      const streamed = sdk.streamObject(settings);
      for await (const _ of streamed.partialObjectStream);
      expect(await streamed.object).toEqual({ city: "Oslo" });
      expect(records.map(({ usageSource }) => usageSource)).toEqual(["provider", "provider"]);
      expect(tasks).toEqual(["good", "good"]);
    });

    test("a refusal is the error that generateObject throws", async () => {
      const { guard } = watchedGuard();
      await killAll(guard);
      const model = guardModel(provider(fake)("gpt-5-mini"), guard);
      const error = await thrownBy(() => sdk.generateObject({ model, schema, prompt: "Where?" }));
      expect(findGuardError(error)?.code).toBe("BR1001");
      expect(fake.requestCount()).toBe(0);
    });
  });
}

test("generateText makes objects as without the guard", async () => {
  const { guard } = watchedGuard();
  fake.next(reply);
  const model = guardModel(httpModel(fake), guard);
  const { output } = await generateText({ model, prompt: "?", output: Output.object({ schema }) });
  expect(output).toEqual({ city: "Oslo" });
});
