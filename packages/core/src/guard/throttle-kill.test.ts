import { describe, expect, it } from "vitest";
import { codeOf, model, settled, setUp, spend, tool, used, WHY } from "./test-fixture.ts";

/** One call of 100 output tokens. */
const CALL = model(0, 100);

describe("a kill of level throttle", () => {
  it("lets those who wait go on when it ends by itself, while the one before still runs", async () => {
    const { guard, clock } = setUp();
    await guard.kill("everything", { ...WHY, level: "throttle", ttlMs: 10_000 });
    const first = await guard.begin(CALL);
    first.dispatched();
    let went = 0;
    const others = [1, 2].map(async () => {
      await guard.begin(CALL);
      went++;
    });
    clock.advance(9_999);
    await settled();
    expect(went).toBe(0);
    clock.advance(1);
    await Promise.all(others);
    expect(went).toBe(2);
  });

  it("lets one call through at a time, in the order in which they came", async () => {
    const { guard } = setUp();
    await guard.kill({ agent: "a" }, { ...WHY, level: "throttle" });
    const went: number[] = [];
    await guard.with({ agent: "a" }, async () => {
      const first = await guard.begin(CALL);
      const others = [1, 2, 3].map(async (name) => {
        const permit = await guard.begin(CALL);
        went.push(name);
        permit.dispatched();
        return permit;
      });
      await settled();
      expect(went).toEqual([]);
      await first.release();
      for (const [index, other] of others.entries()) {
        const permit = await other;
        expect(went).toEqual([1, 2, 3].slice(0, index + 1));
        await permit.settle(used(0, 1));
      }
    });
    await spend(guard); // others are not covered
    await guard.close();
  });

  it("refuses who waited for 30 s, and lets all go when it is revived", async () => {
    const { guard, clock } = setUp();
    const { id } = await guard.kill("everything", { ...WHY, level: "throttle" });
    const running = await guard.begin(CALL);
    running.dispatched();
    const early = codeOf(guard.begin(CALL));
    await settled();
    clock.advance(20_000);
    const late = [guard.begin(CALL), guard.begin(CALL)];
    await settled();
    clock.advance(10_000);
    expect(await early).toBe("BR4002");
    await guard.revive(id, WHY);
    for (const permit of await Promise.all(late)) await permit.release();
    await running.settle(used(0, 1));
    await guard.close();
  });

  it("names the oldest of several under which a call waited, whatever they name", async () => {
    const { guard, clock } = setUp();
    await guard.kill({ user: "u" }, { ...WHY, by: "first", level: "throttle" });
    await guard.kill("everything", { ...WHY, by: "second", level: "throttle" });
    await guard.with({ user: "u" }, async () => {
      const running = await guard.begin(CALL);
      const waiting = guard.begin(CALL);
      clock.advance(30_000);
      await expect(waiting).rejects.toMatchObject({ details: { by: "first" } });
      await running.release();
    });
    await guard.close();
  });

  it("lets a tool that runs an agent make its calls", async () => {
    const { guard } = setUp();
    await guard.kill("everything", { ...WHY, level: "throttle" });
    await guard.task({}, async () => {
      const permit = await guard.begin(tool("delegate"));
      permit.dispatched();
      await spend(guard);
      const other = guard.task({}, () => guard.begin(CALL)); // inside of the same outermost task
      await (await other).release();
      await permit.settle();
    });
    await guard.close();
  });

  it("lets a model judge a stream that has the turn", async () => {
    const evaluate = async () => {
      await spend(guard);
      return { passed: true };
    };
    const { guard, records } = setUp({
      evaluators: [
        { name: "judge", on: "model", required: true, onStream: { window: 4 }, evaluate },
      ],
    });
    await guard.kill("everything", { ...WHY, level: "throttle" });
    const permit = await guard.begin(CALL);
    permit.dispatched();
    expect(await permit.review("a text")).toBe(true);
    await permit.settle(used(0, 1));
    expect(records.some(({ purpose }) => purpose === "evaluation")).toBe(true);
    await guard.close();
  });

  it("cuts nothing, refuses no task, and a harder kill refuses those who wait", async () => {
    const { guard } = setUp();
    const receipt = await guard.kill("everything", { ...WHY, level: "throttle" });
    expect(receipt.aborted).toBe(0);
    expect(guard.killed()).toBeUndefined();
    const running = await guard.task({}, () => guard.begin(CALL));
    const waiting = codeOf(guard.begin(CALL));
    await settled();
    await guard.kill("everything", { ...WHY, level: "stop" });
    expect(await waiting).toBe("BR1001");
    await running.release();
    await guard.close();
  });
});
