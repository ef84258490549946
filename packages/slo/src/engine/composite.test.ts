import { describe, expect, it } from "vitest";
import { compositeObjective } from "../objective/composite.ts";
import { anEngine, anObjective, record } from "../test-fixture.ts";

const CALLS = anObjective({ name: "calls", sli: "call_success" });

describe("a composite", () => {
  it("is as bad as its worst part, and no data of one is not health of all", () => {
    const all = compositeObjective({ name: "all", of: ["tasks", "calls"] });
    const { engine } = anEngine([anObjective(), CALLS, all]);
    record(engine, 1_000, 2);
    expect(engine.status("all")).toMatchObject({ state: "no_data", consumed: expect.closeTo(0.2) });
    record(engine, 1_000, 5, "call_success");
    const status = engine.status("all");
    expect(status).toMatchObject({ state: "healthy", total: 2_000, bad: 7 });
    expect(status.consumed).toBeCloseTo(0.5);
    expect(status.alerts[0]?.text).toMatch(/^tasks: Quiet/);
  });

  it("averages what its parts consumed where it is told to", () => {
    const all = compositeObjective({ name: "all", of: ["tasks", "calls"], by: "mean" });
    const { engine } = anEngine([anObjective(), CALLS, all]);
    record(engine, 1_000, 2);
    record(engine, 1_000, 4, "call_success");
    expect(engine.status("all").consumed).toBeCloseTo(0.3);
    record(engine, 10, 10, "call_success");
    expect(engine.status("calls").state).toBe("exhausted");
    expect(engine.status("all")).toMatchObject({
      state: "healthy",
      remaining: expect.closeTo(0.2, 1),
    });
  });

  it("of an objective that the engine does not have is refused", () => {
    const all = compositeObjective({ name: "all", of: ["tasks", "elsewhere"] });
    expect(() => anEngine([anObjective(), all])).toThrow("made of objectives of this engine");
  });
});
