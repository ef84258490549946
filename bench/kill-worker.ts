import { setTimeout } from "node:timers/promises";
import { createGuard, findGuardError, type Guard } from "burnrate";
import { openStore, type StorePlace } from "./open-store.ts";

/** What a busy process says: it works, or every lane of it has stopped at this instant. */
export type WorkerNews =
  | { readonly kind: "busy" }
  /** By the clock that all processes of a machine share, in nanoseconds. */
  | { readonly kind: "stopped"; readonly atNs: string };

const LANES = 8;
const CALL_MS = 2;
const REQUEST = {
  kind: "model",
  provider: "openai",
  name: "gpt-5",
  estimate: { inputTokens: 100, maxOutputTokens: 10 },
} as const;

const say = (news: WorkerNews): void => void process.send?.(news);

/** Whether one call went through. A kill cuts it, or refuses it. */
async function callOnce(guard: Guard): Promise<boolean> {
  try {
    await guard.run(REQUEST, async ({ signal }) => {
      await setTimeout(CALL_MS, undefined, { signal });
      return { value: undefined, usage: { inputTokens: 100, outputTokens: 5 } };
    });
    return true;
  } catch (error) {
    if (guard.killed() === undefined && findGuardError(error)?.code !== "BR1001") throw error;
    return false;
  }
}

async function lane(guard: Guard, lanes: Set<number>, number: number): Promise<never> {
  for (;;) {
    const goesOn = await callOnce(guard);
    if (goesOn === lanes.has(number)) {
      if (!goesOn) await setTimeout(1); // asks again until it is revived
      continue;
    }
    if (goesOn) lanes.add(number);
    else lanes.delete(number);
    if (lanes.size === LANES) say({ kind: "busy" });
    if (lanes.size === 0) say({ kind: "stopped", atNs: `${process.hrtime.bigint()}` });
  }
}

const place = JSON.parse(process.argv[2] ?? "") as StorePlace;
const { store } = await openStore(place);
const guard = createGuard({ budgets: ["$1000000/day"], store });
process.on("disconnect", () => process.exit(0)); // whoever asked has gone
const working = new Set<number>();
await Promise.all(Array.from({ length: LANES }, (_, number) => lane(guard, working, number)));
