import { createGuard, createMemoryStore, type Evaluator, type Guard } from "burnrate";
import { type Measured, median, quick, toMeasured } from "./measure.ts";

const RUNS = 7;
const ROUNDS = quick ? 8 : 40;
const CALLS_A_BLOCK = 100;
const QUEUED = 10_000;

const passes: Evaluator = {
  name: "e",
  on: "tool",
  mode: "background",
  evaluate: () => ({ passed: true }),
};

/** What a background evaluator adds to the call that it is about, and what a full queue holds. */
export async function measureScheduling(): Promise<Measured[]> {
  const plain = [blocksOf([]), blocksOf([])] as const;
  const judged = blocksOf([passes]);
  const gathering = blocksOf([{ ...passes, sources: true }]);
  const added: number[] = [];
  const withSources: number[] = [];
  const control: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const rounds: (readonly [number, number, number])[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const bare = await plain[0].block();
      const again = await plain[1].block();
      rounds.push([(await judged.block()) - bare, (await gathering.block()) - bare, again - bare]);
    }
    if (run === 0) continue; // does not count
    added.push(median(rounds.map(([one]) => one)));
    withSources.push(median(rounds.map(([, one]) => one)));
    control.push(median(rounds.map(([, , one]) => one)));
  }
  for (const { guard } of [...plain, judged, gathering]) await guard.close();
  return [
    toMeasured("a background evaluator adds to a call", "us/call", added, "≤ 1"),
    toMeasured("  one that asks for sources, in a task", "us/call", withSources),
    toMeasured("  control: a second guard without evaluators", "us/call", control),
    await measureQueue(),
  ];
}

/** Blocks of calls of one task; nothing of one block waits when the next begins. */
function blocksOf(evaluators: readonly Evaluator[]): {
  readonly guard: Guard;
  block(): Promise<number>;
} {
  const guard = createGuard({ store: createMemoryStore(), evaluators });
  let verdicts = 0;
  let wanted = 0;
  guard.on("evaluation-completed", () => verdicts++);
  const block = (): Promise<number> =>
    guard.task({ name: "t" }, async () => {
      const startedMs = performance.now();
      for (let index = 0; index < CALLS_A_BLOCK; index++) await oneCall(guard, "x");
      const spentMs = performance.now() - startedMs;
      wanted += evaluators.length * CALLS_A_BLOCK;
      while (verdicts < wanted) await new Promise((resolve) => setImmediate(resolve));
      return (spentMs * 1_000) / CALLS_A_BLOCK;
    });
  return { guard, block };
}

async function oneCall(guard: Guard, output: string): Promise<void> {
  const permit = await guard.begin({ kind: "tool", name: "t" });
  permit.dispatched();
  await permit.settle({ output });
}

/** What 10,000 evaluations hold that nothing ends: 8 run, 1,000 wait, the others are dropped. */
async function measureQueue(): Promise<Measured> {
  const held: number[] = [];
  let dropped = 0;
  for (let run = 0; run < 5; run++) {
    const ends: (() => void)[] = [];
    const hangs: Evaluator = {
      ...passes,
      evaluate: () => new Promise((resolve) => ends.push(() => resolve({ passed: true }))),
    };
    const guard = createGuard({ store: createMemoryStore(), evaluators: [hangs] });
    const before = heapInUse();
    for (let index = 0; index < QUEUED; index++) {
      await oneCall(guard, Buffer.alloc(2_048, `${index} `).toString("latin1"));
    }
    held.push((heapInUse() - before) / 1_000_000);
    dropped = guard.metrics().dropped.evaluations;
    const closing = guard.close();
    let isClosed = false;
    void closing.then(() => (isClosed = true));
    while (!isClosed) {
      for (const end of ends.splice(0)) end();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const says = `${dropped} of ${QUEUED} dropped and counted`;
  return {
    ...toMeasured("heap of 10,000 evaluations that hang, outputs of 2 KB", "MB", held),
    says,
  };
}

function heapInUse(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
