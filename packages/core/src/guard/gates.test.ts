import { describe, expect, it } from "vitest";
import type { Gate, GateHold } from "../index.ts";
import { codeOf, model, settled, setUp, spend, used } from "./test-fixture.ts";

/** A gate with a number of slots, as a limiter of concurrency would be. */
function slots(count: number): Gate & { taken: number } {
  const gate = {
    name: "slots",
    taken: 0,
    look: () => undefined,
    acquire: () => {
      if (gate.taken >= count)
        return { code: "BR4002", message: "all taken", scope: "slots" } as const;
      gate.taken++;
      return { release: () => void gate.taken-- };
    },
  };
  return gate;
}

describe("a gate's hold", () => {
  it("is given back when the call ends, fails, is released or refused later", async () => {
    const limits = slots(1);
    const { guard } = setUp({ budgets: ["2 calls/day"], limits });
    await spend(guard);
    await (await guard.begin(model(1, 1))).release();
    const failing = await guard.begin(model(1, 1));
    failing.dispatched();
    await failing.fail(new Error("no"));
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR2001");
    expect(limits.taken).toBe(0);
  });

  it("is not kept while a call waits for held money", async () => {
    const limits = slots(2);
    const { guard } = setUp({ budgets: ["1 calls/day"], limits, onHeld: "wait" });
    const first = await guard.begin(model(1, 1));
    const waiting = guard.begin(model(1, 1));
    await settled();
    expect(limits.taken).toBe(1);
    await first.release();
    const second = await waiting;
    expect(limits.taken).toBe(1);
    await second.release();
    expect(limits.taken).toBe(0);
  });

  it("is given back when a silent call expires", async () => {
    const limits = slots(1);
    const { guard, clock } = setUp({ limits });
    (await guard.begin(model(1, 1))).dispatched();
    clock.advance(30 * 60_000);
    expect(limits.taken).toBe(0);
  });

  it.each<[string, GateHold]>([
    [
      "throws",
      {
        release: () => {
          throw new Error("no");
        },
      },
    ],
    [
      "rejects",
      {
        release: async () => {
          throw new Error("no");
        },
      },
    ],
  ])("that %s on its way back is told as a warning, and the call ends", async (_, hold) => {
    const limits: Gate = { name: "bad", look: () => undefined, acquire: () => hold };
    const { guard } = setUp({ limits });
    const warnings: string[] = [];
    guard.on("warning", ({ topic }) => warnings.push(topic));
    expect((await spend(guard)).outcome).toBe("success");
    await settled();
    expect(warnings).toEqual(["gate-release-failed"]);
  });
});

describe("a gate that breaks its promise", () => {
  it.each<[string, unknown]>([
    ["an answer that comes later", Promise.resolve(undefined)],
    ["a hold that cannot be given back", {}],
    ["a number", 3],
  ])("with %s refuses the call", async (_, answer) => {
    const limits = { name: "bad", look: () => undefined, acquire: () => answer } as Gate;
    const { guard } = setUp({ limits });
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR8001");
  });
});

describe("a call that waited for a human while its caller left", () => {
  it("takes nothing any more", async () => {
    const limits = slots(5);
    let allow = (): void => {};
    const asked = new Promise<void>((resolve) => {
      allow = resolve;
    });
    const policy = { decide: () => asked.then(() => ({ outcome: "allow" })) };
    const { guard } = setUp({ budgets: ["5 calls/day"], limits, policy });
    const caller = new AbortController();
    const waiting = guard.begin(model(1, 1, { signal: caller.signal }));
    caller.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    allow();
    await settled();
    expect(limits.taken).toBe(0);
    expect((await guard.budgets())[0]).toMatchObject({ held: 0, settled: 0 });
    expect((await spend(guard)).usage).toEqual(used(1, 1).usage);
  });
});
