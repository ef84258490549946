import { createGuard, type Guard } from "burnrate";
import { type Measured, median, quick, toMeasured } from "./measure.ts";

const RUNS = 7;
const WARM_UPS = 20;
const ROUNDS = quick ? 2 : 20;
const TASKS_A_BLOCK = 100;
const FEW = 10;
const MANY = quick ? 500 : 9_000;

/** What a guard has known before: `add` adds one of them. */
interface Past {
  readonly name: string;
  readonly add: (guard: Guard, index: number) => Promise<unknown>;
  /** As many as a guard takes. Default 9,000. */
  readonly most?: number;
}

const PAST: readonly Past[] = [
  { name: "users", add: (guard, index) => guard.with({ user: `u-${index}` }, () => call(guard)) },
  {
    name: "sessions",
    add: (guard, index) => guard.with({ session: `s-${index}` }, () => call(guard)),
  },
  {
    name: "organisations",
    add: (guard, index) => guard.task({ name: "task", org: `o-${index}` }, () => call(guard)),
  },
  { name: "tasks that run", add: async (guard) => guard.openTask({ name: "task" }) },
  { name: "calls in flight", add: async (guard) => (await begin(guard)).dispatched() },
  {
    name: "killed users",
    add: (guard, index) => guard.kill({ user: `k-${index}` }, { reason: "abuse", by: "bench" }),
  },
  {
    name: "users whose budget has killed them",
    add: (guard, index) => guard.with({ user: `b-${index}`, agent: "poor" }, () => call(guard)),
  },
  {
    name: "calls that wait for what other users' calls hold",
    most: 900,
    add: (guard, index) =>
      guard.with({ user: `w-${index}`, agent: "single" }, async () => {
        await begin(guard);
        begin(guard).catch(() => undefined); // refused when the guard closes
      }),
  },
];

function newGuard(): Guard {
  return createGuard({
    store: "memory",
    budgets: [
      "$1000000/day per user",
      {
        id: "poor",
        limit: { calls: 2 },
        window: "day",
        per: "user",
        match: { agent: "poor" },
        at: [{ fraction: 0.5, do: "kill" }],
      },
      {
        id: "single",
        limit: { calls: 1 },
        window: "day",
        per: "user",
        match: { agent: "single" },
      },
    ],
    onHeld: "wait",
    limits: ["1000000/second", "20000 at once per task", "1000000 calls per session"],
    breaker: true,
  });
}

function begin(guard: Guard): ReturnType<Guard["begin"]> {
  return guard.begin({ kind: "tool", name: "search", input: { query: "weather" } });
}

async function call(guard: Guard): Promise<void> {
  const permit = await begin(guard);
  permit.dispatched();
  await permit.settle();
}

async function guardWith(add: Past["add"], count: number): Promise<Guard> {
  const guard = newGuard();
  for (let index = 0; index < count; index++) await add(guard, index);
  return guard;
}

/** Microseconds of a task with one call in it. */
async function timeBlock(guard: Guard): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  const startedMs = performance.now();
  for (let done = 0; done < TASKS_A_BLOCK; done++) {
    await guard.task({ name: "task", user: "me", session: "mine" }, () => call(guard));
  }
  return ((performance.now() - startedMs) * 1_000) / TASKS_A_BLOCK;
}

/** Blocks in turns: whatever slows the machine slows both. */
async function alternate(few: Guard, many: Guard, rounds: number): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const isFewFirst = round % 2 === 0;
    if (isFewFirst) times[0].push(await timeBlock(few));
    times[1].push(await timeBlock(many));
    if (!isFewFirst) times[0].push(await timeBlock(few));
  }
  return [median(times[0]), median(times[1])];
}

/** What a task with one call costs beside many others of what a guard knows, and beside few. */
export async function measureGrowth(): Promise<Measured[]> {
  const rows: Measured[] = [];
  for (const { name, add, most = MANY } of PAST) {
    const count = Math.min(most, MANY);
    const [few, many] = [await guardWith(add, FEW), await guardWith(add, count)];
    await alternate(few, many, WARM_UPS);
    const runs: [number, number][] = [];
    for (let run = 0; run < RUNS; run++) runs.push(await alternate(few, many, ROUNDS));
    const beside = `a task with one call beside ${count.toLocaleString("en-US")} ${name}`;
    const times = runs.map(([, us]) => us);
    const ratios = runs.map(([least, most]) => most / least);
    rows.push(toMeasured(beside, "us", times));
    rows.push(toMeasured(`  beside ${FEW}: times as long`, "", ratios, "≤ 1.5"));
    await Promise.all([few.close(), many.close()]);
  }
  return rows;
}
