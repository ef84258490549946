import { describe, expect, it } from "vitest";
import type { BudgetOptions } from "../budget/budget.ts";
import { codeOf, model, settled, setUp, spend, tool, used, WHY } from "../guard/test-fixture.ts";
import type { Clock } from "../ports/clock.ts";
import { createFakeClock } from "../testing/fake-clock.ts";

/** One call of 100 output tokens of gpt-5-mini: $0.0002. */
const CALL = model(0, 100);

/** A budget that two calls hold all of. */
const tight: BudgetOptions = { id: "tight", limit: { usd: 0.0004 }, window: "total" };

/** Of 1,000 calls an hour, 250 are spent: the next ones go every 4.8 seconds. */
const paced: BudgetOptions = {
  id: "paced",
  limit: { calls: 1_000 },
  window: "hour",
  at: [{ fraction: 0.25, do: "throttle" }],
};

/** Calls by name, as they are admitted; and their ends, without any usage. */
function world(budgets: readonly BudgetOptions[]) {
  const { guard, clock } = setUp({ onHeld: "wait", budgets });
  const went: string[] = [];
  const start = async (name: string): Promise<() => Promise<unknown>> => {
    const permit = await guard.begin(CALL);
    went.push(name);
    permit.dispatched();
    return () => permit.settle(used(0, 0));
  };
  return { guard, clock, went, start };
}

describe("calls that waited for held money", () => {
  it("go one at a time under a kill of level throttle", async () => {
    const { guard, went, start } = world([tight]);
    const holders = [await start("a"), await start("b")];
    await guard.kill("everything", { level: "throttle", ...WHY });
    const waiting = [start("c"), start("d")] as const;
    for (const end of holders) await end();
    await settled();
    expect(went).toEqual(["a", "b", "c"]);
    await (await waiting[0])();
    await (await waiting[1])();
    await guard.close();
  });

  it("get the turn of a call that is refused once it has it", async () => {
    const { guard, went, start } = world([tight]);
    const holders = [await start("a"), await start("b")];
    await guard.kill("everything", { level: "throttle", ...WHY });
    const waiting = start("c");
    const running = await guard.begin(tool("first"));
    const dear = codeOf(guard.begin(model(0, 1_000)));
    for (const end of holders) await end();
    await running.release();
    expect(await dear).toBe("BR2001");
    await settled();
    expect(went).toEqual(["a", "b", "c"]);
    await (await waiting)();
    await guard.close();
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    "get the turn of a call whose caller goes before it is sent (%i turns later)",
    async (later) => {
      const { guard, went, start } = world([tight]);
      const holders = [await start("a"), await start("b")];
      await guard.kill("everything", { level: "throttle", ...WHY });
      const waiting = start("c");
      const running = await guard.begin(tool("first"));
      for (const end of holders) await end();
      const leaving = new AbortController();
      const second = guard.begin({ ...tool("second"), signal: leaving.signal });
      const gone = second.then((permit) => permit.release()).catch(() => undefined);
      await settled();
      void running.settle();
      for (let turn = 0; turn < later; turn++) await Promise.resolve();
      leaving.abort();
      await gone;
      await settled();
      expect(went).toEqual(["a", "b", "c"]);
      await (await waiting)();
      await guard.close();
    },
  );

  it("keep the pace of a budget that throttles", async () => {
    const { guard, clock, went, start } = world([tight, paced]);
    for (let call = 0; call < 250; call++) await spend(guard, model(0, 0));
    const holders = [await start("a")];
    clock.advance(5_000);
    holders.push(await start("b"));
    clock.advance(5_000);
    const waiting = [start("c"), start("d")] as const;
    await settled();
    for (const end of holders) await end();
    await settled();
    expect(went).toEqual(["a", "b", "c"]);
    clock.advance(5_000);
    await settled();
    expect(went).toEqual(["a", "b", "c", "d"]);
    for (const end of await Promise.all(waiting)) await end();
    await guard.close();
  });
});

it("a guard that was closed keeps no process alive for the pace of calls that it let go", async () => {
  const clock = createFakeClock();
  const awaited = new Set<() => void>();
  const setTimer: Clock["setTimer"] = (callback, delayMs, background) => {
    if (background !== undefined) return clock.setTimer(callback, delayMs, background);
    awaited.add(callback);
    const cancel = clock.setTimer(() => awaited.delete(callback) && callback(), delayMs);
    return () => {
      awaited.delete(callback);
      cancel();
    };
  };
  const { guard } = setUp({ clock: { ...clock, setTimer }, budgets: [paced] });
  for (let call = 0; call < 251; call++) await spend(guard, model(0, 0));
  const waiting = codeOf(guard.begin(CALL));
  expect(awaited.size).toBe(1);
  await guard.close();
  expect(await waiting).toBe("BR8001");
  expect(awaited.size).toBe(0);
});
