import { AsyncLocalStorage } from "node:async_hooks";
import { expect, it } from "vitest";
import { createGuard, type Evaluation, type Evaluator, type Guard } from "../index.ts";
import { codeOf, model, setUp, used } from "./test-fixture.ts";

const QUEUED = 1_000;
const RUNNING = 8;

async function judged(guard: Guard): Promise<void> {
  const permit = await guard.begin(model(1, 1));
  permit.dispatched();
  await permit.settle({ ...used(1, 1), output: "x" });
}

/** Lets what waits for another turn of the event loop go on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A background evaluator that answers when told to. */
function heldBack(): { evaluator: Evaluator; answer(): void; started: number } {
  const waiting: ((verdict: Evaluation) => void)[] = [];
  const state = {
    started: 0,
    evaluator: {
      name: "slow",
      on: "model" as const,
      mode: "background" as const,
      evaluate: (): Promise<Evaluation> => {
        state.started++;
        return new Promise((resolve) => waiting.push(resolve));
      },
    },
    answer(): void {
      for (const resolve of waiting.splice(0)) resolve({ passed: true });
    },
  };
  return state;
}

it("never delays the caller, and tells of its verdict by an event", async () => {
  const { evaluator, answer } = heldBack();
  const { guard, records } = setUp({ evaluators: [evaluator] });
  const verdicts: unknown[] = [];
  guard.on("evaluation-completed", ({ callId, result }) => verdicts.push([callId, result.status]));
  await judged(guard);
  expect(records).toMatchObject([{ evaluations: [] }]);
  expect(verdicts).toEqual([]);
  await settled();
  answer();
  await settled();
  expect(verdicts).toEqual([[records[0]?.id, "passed"]]);
  expect(guard.metrics().totals.slis["eval:slow"]).toMatchObject({ good: 1 });
});

it("queues so many and no more, and counts what it drops", async () => {
  const slow = heldBack();
  const { guard } = setUp({ evaluators: [slow.evaluator] });
  for (let index = 0; index < RUNNING + QUEUED + 5; index++) await judged(guard);
  await settled();
  expect(slow.started).toBe(RUNNING);
  expect(guard.metrics().dropped.evaluations).toBe(5);
  while (slow.started < RUNNING + QUEUED) {
    slow.answer();
    await settled();
  }
  slow.answer();
  await guard.close();
  expect(guard.metrics().totals.slis["eval:slow"]).toMatchObject({ good: RUNNING + QUEUED });
});

it("begins after its caller has the result, in the asynchronous context of its own call", async () => {
  const requests = new AsyncLocalStorage<number>();
  const seen: (number | undefined)[] = [];
  const evaluator: Evaluator = {
    ...{ name: "e", on: "model", mode: "background" },
    evaluate: () => ({ passed: seen.push(requests.getStore()) > 0 }),
  };
  const { guard } = setUp({ evaluators: [evaluator] });
  for (let request = 0; request < 20; request++) {
    await requests.run(request, () => judged(guard));
    for (let turn = 0; turn < 100; turn++) await Promise.resolve();
  }
  expect(seen).toEqual([]);
  await guard.close();
  expect(seen).toEqual(Array.from({ length: 20 }, (_, request) => request));
});

it("judges every call of a program that never waits, when it is quick enough", async () => {
  const quick: Evaluator = {
    ...{ name: "slow", on: "model", mode: "background" },
    evaluate: () => ({ passed: true }),
  };
  const { guard } = setUp({ evaluators: [quick] });
  for (let index = 0; index < 5_000; index++) await judged(guard);
  await guard.close();
  expect(guard.metrics().dropped.evaluations).toBe(0);
  expect(guard.metrics().totals.slis["eval:slow"]).toMatchObject({ good: 5_000 });
});

it("drops the newest of 10,000 that are left in one go, and judges the others in order", async () => {
  const slow = heldBack();
  const { guard, records } = setUp({ evaluators: [slow.evaluator] });
  const judgedIds: unknown[] = [];
  guard.on("evaluation-completed", ({ callId }) => judgedIds.push(callId));
  for (let index = 0; index < 10_000; index++) await judged(guard);
  expect(guard.metrics().dropped.evaluations).toBe(10_000 - RUNNING - QUEUED);
  while (judgedIds.length < RUNNING + QUEUED) {
    slow.answer();
    await settled();
  }
  await guard.close();
  expect(judgedIds).toEqual(records.slice(0, RUNNING + QUEUED).map(({ id }) => id));
});

it("is waited for by close, up to its deadline", async () => {
  const slow = heldBack();
  const { guard, clock } = setUp({ evaluators: [{ ...slow.evaluator, timeoutMs: 500 }] });
  await judged(guard);
  let closed = false;
  const closing = guard.close().then(() => {
    closed = true;
  });
  await settled();
  expect(closed).toBe(false);
  clock.advance(500);
  await closing;
  expect(guard.metrics().totals.slis["eval:slow"]).toMatchObject({ excluded: 1 });
});

it("may still ask the guarded model while the guard closes; nobody else may, nor later", async () => {
  let go = (): void => {};
  const guard: Guard = createGuard({
    evaluators: [
      {
        name: "judge",
        on: "model",
        mode: "background",
        async evaluate() {
          await new Promise<void>((resolve) => (go = resolve));
          await guard.run(model(1, 1), () => ({ value: 1 }));
          return { passed: true };
        },
      },
    ],
  });
  await judged(guard);
  await settled();
  const closing = guard.close();
  expect(guard.close()).toBe(closing);
  expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR8001");
  go();
  await closing;
  expect(guard.metrics().totals.slis["eval:judge"]).toMatchObject({ good: 1 });
  expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR8001");
});

it("close flushes exporters and closes the ledger, whichever of them fails", async () => {
  const done: string[] = [];
  const exporter = (name: string, flush: () => void) => ({
    name,
    exportCall: () => {},
    flush,
    close: () => void done.push(name),
  });
  const { guard } = setUp({
    exporters: [
      exporter("broken", () => {
        throw new Error("down");
      }),
      exporter("fine", () => {}),
    ],
  });
  await using closing = guard;
  await closing.close();
  expect(done).toEqual(["fine"]);
  expect(guard.metrics().dropped.exporterErrors).toBe(1);
});
