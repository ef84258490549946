import { describe, expect, it } from "vitest";
import type { Exporter } from "../index.ts";
import { codeOf, model, settled, setUp } from "./test-fixture.ts";

describe("closing a guard", () => {
  it("refuses those who wait for held money, instead of leaving them there", async () => {
    const { guard } = setUp({ budgets: ["1 calls/day"], onHeld: "wait" });
    const first = await guard.begin(model(1, 1));
    const waiting = codeOf(guard.begin(model(1, 1)));
    await settled();
    await guard.close();
    expect(await waiting).toBe("BR8001");
    await first.release();
  });

  it("refuses those whose policy had not decided yet, and gives back what they took", async () => {
    let allow = (): void => {};
    const decision = new Promise<{ readonly outcome: string }>((resolve) => {
      allow = () => resolve({ outcome: "allow" });
    });
    const { guard } = setUp({ budgets: ["$1/day"], policy: { decide: () => decision } });
    const waiting = codeOf(guard.begin(model(1, 1)));
    await settled();
    await guard.close();
    allow();
    expect(await waiting).toBe("BR8001");
    expect((await guard.budgets())[0]).toMatchObject({ held: 0, settled: 0 });
  });

  it.each<[string, Partial<Exporter>]>([
    ["never ends", { flush: () => new Promise<void>(() => {}) }],
    [
      "fails",
      {
        flush: async () => {
          throw new Error("no");
        },
      },
    ],
    [
      "throws",
      {
        close: () => {
          throw new Error("no");
        },
      },
    ],
  ])("does not wait for ever for an exporter whose flush %s, and counts it", async (_, broken) => {
    const closed: string[] = [];
    const exporters: Exporter[] = [
      { name: "broken", exportCall: () => {}, ...broken },
      { name: "sound", exportCall: () => {}, close: () => void closed.push("sound") },
    ];
    const { guard, clock } = setUp({ exporters });
    const closing = guard.close();
    await settled();
    clock.advance(5_000);
    await closing;
    expect(closed).toEqual(["sound"]);
    expect(guard.metrics().dropped.exporterErrors).toBe(1);
  });
});
