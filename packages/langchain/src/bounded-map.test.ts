import { expect, test } from "vitest";
import { BoundedMap } from "./bounded-map.ts";
import { stateOf } from "./guard-state.ts";
import { watchedGuard } from "./test-fixture.ts";

test("the oldest entry goes first, and is told of", () => {
  const dropped: number[] = [];
  const map = new BoundedMap<number>(2, (value) => dropped.push(value));
  for (const value of [1, 2, 3]) map.set(`${value}`, value);
  expect(dropped).toEqual([1]);
  expect([map.get("1"), map.get("2"), map.take("3"), map.get("3")]).toEqual([
    undefined,
    2,
    3,
    undefined,
  ]);
});

test("a call whose run never ends is charged in full when it is forgotten, and never leaks", async () => {
  const { guard, records } = watchedGuard();
  const { calls } = stateOf(guard);
  const request = { kind: "model", provider: "openai", name: "gpt-5-mini", input: "hi" } as const;
  const permit = await guard.begin({ ...request, estimate: { maxOutputTokens: 10 } });
  permit.dispatched();
  const call = { start: undefined, begun: Promise.resolve(permit), permit, tokens: 0 };
  for (let run = 0; run < 10_001; run++) calls.set(`run-${run}`, call);
  await expect.poll(() => records.length).toBe(1);
  expect(records[0]).toMatchObject({ outcome: "abandoned", usageSource: "estimated" });
  expect(records[0]?.costNanoUsd).toBe(records[0]?.reservedNanoUsd);
});
