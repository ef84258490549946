import { describe, expect, it, vi } from "vitest";
import type {
  CallRefusedEvent,
  Evaluator,
  Exporter,
  GuardEvents,
  Policy,
  PolicyDecision,
} from "../index.ts";
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

  it("refuses those whose policy never decides, and gives back what they took", async () => {
    const decision = new Promise<PolicyDecision>(() => {});
    const { guard } = setUp({ budgets: ["$1/day"], policy: { decide: () => decision } });
    const refused = vi.fn<(event: CallRefusedEvent) => void>();
    guard.on("call-refused", refused);
    const waiting = codeOf(guard.begin(model(1, 1)));
    await settled();
    await guard.close();
    expect(await waiting).toBe("BR8001");
    expect(refused.mock.calls.map(([{ code }]) => code)).toEqual(["BR8001"]);
    expect((await guard.budgets())[0]).toMatchObject({ held: 0, settled: 0 });
  });

  it("lets a judge's own call wait for its policy, so that the verdict is not lost", async () => {
    const asked = Promise.withResolvers<void>();
    const decided = Promise.withResolvers<PolicyDecision>();
    const decide: Policy["decide"] = ({ purpose }) => {
      if (purpose === "agent") return { outcome: "allow" };
      asked.resolve();
      return decided.promise;
    };
    const judge: Evaluator = {
      name: "judge",
      on: "model",
      mode: "background",
      evaluate: async () => ({ passed: await guard.run(model(1, 1), () => ({ value: true })) }),
    };
    const { guard } = setUp({ policy: { decide }, evaluators: [judge] });
    const completed = vi.fn<(event: GuardEvents["evaluation-completed"]) => void>();
    guard.on("evaluation-completed", completed);
    await guard.run(model(1, 1), () => ({ value: 1, output: "x" }));
    const closing = guard.close();
    await asked.promise;
    decided.resolve({ outcome: "allow" });
    await closing;
    expect(completed.mock.calls.map(([{ result }]) => result.status)).toEqual(["passed"]);
  });

  it("refuses what a judge that gave up still waits for", async () => {
    const asked = Promise.withResolvers<void>();
    const decide: Policy["decide"] = ({ purpose }) => {
      if (purpose === "agent") return { outcome: "allow" };
      asked.resolve();
      return new Promise<PolicyDecision>(() => {});
    };
    const codes: unknown[] = [];
    const judge: Evaluator = {
      name: "judge",
      on: "model",
      mode: "background",
      async evaluate() {
        codes.push(await codeOf(guard.begin(model(1, 1))));
        return { passed: true };
      },
    };
    const { guard, clock } = setUp({ policy: { decide }, evaluators: [judge] });
    await guard.run(model(1, 1), () => ({ value: 1, output: "x" }));
    const closing = guard.close();
    await asked.promise;
    clock.advance(10_000);
    await closing;
    expect(codes).toEqual(["BR8001"]);
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
