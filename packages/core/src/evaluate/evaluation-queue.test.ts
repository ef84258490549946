import { expect, it } from "vitest";
import { model, setUp, used } from "../guard/test-fixture.ts";
import type { Evaluation, Guard } from "../index.ts";

const WAITING = 100;
const RUNNING = 8;

/** A guard with a hundred and eight evaluations that answer when told to, and one that closes. */
async function closing() {
  const asked: ((verdict: Evaluation) => void)[] = [];
  const { guard, clock } = setUp({
    evaluators: [
      {
        ...{ name: "judge", on: "model", mode: "background", timeoutMs: 50_000 },
        evaluate: () => new Promise((resolve) => asked.push(resolve)),
      },
    ],
  });
  const begun = await guard.begin(model(1, 1));
  begun.dispatched();
  for (let call = 0; call < RUNNING + WAITING; call++) await judged(guard);
  await settled();
  let isClosed = false;
  const closed = guard.close().then(() => {
    isClosed = true;
  });
  return { guard, clock, asked, closed, begun, isClosed: () => isClosed };
}

/** Lets what waits for another turn of the event loop go on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function judged(guard: Guard): Promise<void> {
  const permit = await guard.begin(model(1, 1));
  permit.dispatched();
  await permit.settle({ ...used(1, 1), output: "x" });
}

it("a judge that hangs holds up a guard that closes for its own deadline, not the queue's", async () => {
  const { guard, clock, asked, closed, begun, isClosed } = await closing();
  clock.advance(29_999);
  await settled();
  expect(guard.metrics().dropped.evaluations).toBe(0);
  clock.advance(1);
  expect(guard.metrics().dropped.evaluations).toBe(WAITING);
  await begun.settle({ ...used(1, 1), output: "late" });
  await settled();
  expect(isClosed()).toBe(false);
  clock.advance(20_000);
  await closed;
  expect(asked).toHaveLength(RUNNING);
  expect(guard.metrics().dropped.evaluations).toBe(WAITING + 1);
});

it("a judge that is slow is waited for to its last verdict", async () => {
  const { guard, clock, asked, closed } = await closing();
  for (let answered = 0; answered < RUNNING + WAITING; answered += RUNNING) {
    clock.advance(25_000);
    for (const answer of asked.slice(answered)) answer({ passed: false });
    await settled();
  }
  await closed;
  expect(guard.metrics().dropped.evaluations).toBe(0);
  expect(guard.metrics().totals.slis["eval:judge"]).toMatchObject({ bad: RUNNING + WAITING });
});
