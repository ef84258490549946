import { expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { watchedGuard } from "./test-fixture.ts";

/** As strict configuration objects are: what they do not have throws on being asked for. */
function strict<T extends object>(fields: T): T {
  return new Proxy(fields, {
    get(target, key) {
      if (Reflect.has(target, key)) return Reflect.get(target, key);
      throw new TypeError(`There is no ${String(key)}.`);
    },
  });
}

test("what throws on being read hides nothing beside it: neither name, limit, tools nor usage", async () => {
  const seen: unknown[] = [];
  const { guard, records } = watchedGuard({
    policy: {
      decide: ({ input }) => {
        seen.push(input);
        return { outcome: "allow" };
      },
    },
  });
  const callback = guardCallback(guard);
  const tools = [{ name: "echo" }];
  const params = strict({ model: "gpt-5-mini", max_tokens: 50_000, tools });
  const extra = strict({ invocation_params: params, options: strict({}) });
  await callback.handleChatModelStart({}, ["hi"], "run-1", undefined, extra, [], {});
  const message = strict({
    content: "hi",
    usage_metadata: strict({ input_tokens: 5, output_tokens: 3 }),
  });
  await callback.handleLLMEnd({ generations: [[{ message }]] }, "run-1");
  expect(records).toMatchObject([
    {
      name: "gpt-5-mini",
      usage: { inputTokens: 5, outputTokens: 3 },
      usageSource: "provider",
    },
  ]);
  expect(records[0]?.reservedNanoUsd).toBeGreaterThanOrEqual(50_000 * 2_000);
  expect(seen).toMatchObject([{ messages: ["hi"], tools }]);
  await guard.close();
});
