import { setFlagsFromString } from "node:v8";
import { createGuard, type Guard } from "burnrate";
import { type Measured, quick, toMeasured } from "./measure.ts";

const STEPS = 10;
const CALLS_A_STEP = quick ? 100_000 : 1_000_000;
const CALLS_A_SESSION = 10;
const AGENTS = 50;

const BUDGETS = ["$1000000/day", "$1/session", "$0.50/task", "1000000000 calls/hour per agent"];

async function oneCall(guard: Guard): Promise<void> {
  const estimate = { inputTokens: 100, maxOutputTokens: 10 };
  const permit = await guard.begin({ kind: "model", provider: "openai", name: "gpt-5", estimate });
  permit.dispatched();
  await permit.settle({ usage: { inputTokens: 100, outputTokens: 5 } });
}

/** One task in a session of its own, as one of many agents. */
async function oneSession(guard: Guard, index: number): Promise<void> {
  const agent = `agent-${index % AGENTS}`;
  await guard.task({ name: "answer", agent, session: `session-${index}` }, async () => {
    for (let call = 0; call < CALLS_A_SESSION; call++) await oneCall(guard);
  });
}

function heapInUse(): number {
  if (globalThis.gc === undefined) throw new Error("run with --expose-gc");
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** How far the heap is from where it was after the first tenth, after each later tenth. */
export async function measureHeap(): Promise<Measured[]> {
  // Otherwise V8 drops what it compiled of Node's own TypeScript loader, 5 MB, somewhere half way.
  setFlagsFromString("--no-flush-bytecode");
  const guard = createGuard({ budgets: BUDGETS, store: "memory" });
  const heaps: number[] = [];
  const sessions = CALLS_A_STEP / CALLS_A_SESSION;
  for (let step = 0; step < STEPS; step++) {
    for (let index = 0; index < sessions; index++) {
      await oneSession(guard, step * sessions + index);
    }
    heaps.push(heapInUse());
  }
  await guard.close();
  const [first = Number.NaN, ...later] = heaps;
  const calls = (STEPS * CALLS_A_STEP) / 1_000_000;
  return [
    toMeasured(
      `heap over ${calls} M calls (${CALLS_A_SESSION} a session and task), against the first tenth`,
      "%",
      later.map((heap) => (heap / first - 1) * 100),
      "± 5",
    ),
    toMeasured(
      "  heap in use, after each tenth",
      "MB",
      heaps.map((heap) => heap / 1_000_000),
    ),
  ];
}
