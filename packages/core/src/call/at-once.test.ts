import { expect, it } from "vitest";
import { createGuard } from "../guard/create-guard.ts";
import { isPromise } from "../ports/maybe-promise.ts";
import { beginAtOnce, isDone } from "./at-once.ts";
import type { Permit } from "./permit.ts";

const CALL = { kind: "tool", name: "search" } as const;

it("gives a permit without a promise where nothing is waited for", async () => {
  const guard = createGuard();
  const permit = beginAtOnce(guard, CALL) as Permit;
  expect(isPromise(permit)).toBe(false);
  expect(isDone(permit)).toBe(false);
  void permit.settle({});
  expect(isDone(permit)).toBe(true);
  await guard.close();
});

it("throws at once what begin rejects with", async () => {
  const guard = createGuard();
  await guard.kill("everything", { reason: "test", by: "test" });
  expect(() => beginAtOnce(guard, CALL)).toThrow(/^BR1001/);
  await expect(guard.begin(CALL)).rejects.toThrow(/^BR1001/);
  await guard.close();
});

it("waits for a policy, and for an evaluator that has a say", async () => {
  const guard = createGuard({
    policy: { decide: async () => ({ outcome: "allow" }) },
    evaluators: [
      { name: "late", on: "tool", mode: "inline", required: false, evaluate: () => ({ score: 1 }) },
    ],
  });
  const begun = beginAtOnce(guard, CALL);
  expect(isPromise(begun)).toBe(true);
  const permit = await begun;
  const settling = permit.settle({ output: "found" });
  expect(isDone(permit)).toBe(false);
  await settling;
  await guard.close();
});

it("asks a begin that was put in the place of the guard's own", async () => {
  const guard = createGuard();
  const asked: unknown[] = [];
  const begin = (request: Parameters<typeof guard.begin>[0]) => {
    asked.push(request);
    return guard.begin(request);
  };
  await beginAtOnce({ ...guard, begin }, CALL);
  await beginAtOnce({ ...guard, begin: Object.assign(begin, guard.begin) }, CALL);
  expect(asked).toEqual([CALL, CALL]);
  await guard.close();
});
