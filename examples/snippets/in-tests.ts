import { createFakeClock } from "@burnrate/core/testing";
import { createGuard, findGuardError } from "burnrate";

const clock = createFakeClock(Date.UTC(2026, 0, 1, 12));
const guard = createGuard({ budgets: ["$1/day"], store: "memory", killSources: [], clock });

/** Stands for the code under test: anything that makes guarded calls. */
async function buy(): Promise<string> {
  const request = { kind: "tool", name: "buy", estimate: { usd: 0.6 } } as const;
  return guard.run(request, () => ({ value: "bought" }));
}

console.log(await buy());
console.log(await buy().catch((error) => findGuardError(error)?.code));
clock.advance(12 * 3_600_000); // midnight: the budget is new, and nothing slept
console.log(await buy());
await guard.close();
