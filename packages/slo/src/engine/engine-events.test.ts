import { createGuard } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import { anEngine, anObjective, record, START_MS } from "../test-fixture.ts";
import { MINUTE } from "../testing/actions.ts";

describe("an attached guard", () => {
  it("feeds the objectives with what its calls and tasks did", async () => {
    const clock = createFakeClock(START_MS);
    const guard = createGuard({ clock });
    const { engine } = anEngine(
      [
        anObjective(),
        anObjective({ name: "calls", sli: "call_success", match: { model: "gpt-5" } }),
      ],
      { clock },
    );
    const detach = engine.attach(guard);
    const one = (fails: boolean) =>
      guard.task({ name: "refund", agent: "support" }, async () => {
        await guard.run({ kind: "model", provider: "openai", name: "gpt-5" }, () => ({ value: 1 }));
        if (fails) throw new Error("no");
      });
    await one(false);
    await one(true).catch(() => {});
    expect(engine.status("tasks")).toMatchObject({ total: 2, bad: 1 });
    expect(engine.status("calls")).toMatchObject({ total: 2, bad: 0, state: "healthy" });
    await detach();
    await one(false);
    expect(engine.status("tasks").total).toBe(2);
    await guard.close();
  });
});

describe("events", () => {
  it("tell once when an alert fires, and once when it is over", () => {
    const { engine, clock } = anEngine([anObjective()]);
    const told: string[] = [];
    engine.on("alert-fired", ({ severity, long }) => told.push(`fired ${severity} ${long}`));
    engine.on("alert-resolved", ({ severity, long }) => told.push(`resolved ${severity} ${long}`));
    engine.on("state-changed", ({ from, to }) => told.push(`${from} → ${to}`));
    record(engine, 100, 10);
    clock.advance(10_000);
    clock.advance(7 * 60 * MINUTE);
    expect(told.slice(0, 3)).toEqual(["fired page 6h", "fired ticket 1d", "fired ticket 3d"]);
    expect(told).toContain("no_data → exhausted");
    expect(told).toContain("resolved page 6h");
    expect(told.filter((one) => one === "fired page 6h")).toHaveLength(1);
  });

  it("silence of an agent is told after ten minutes, and its end", async () => {
    const { absenceRule } = await import("../objective/absence-rule.ts");
    const rule = absenceRule({
      name: "support is silent",
      match: { agent: "support" },
      after: "10m",
    });
    const { engine, clock } = anEngine([anObjective()], { absences: [rule] });
    const told: string[] = [];
    engine.on("absence-detected", ({ text }) => told.push(text));
    engine.on("absence-ended", ({ rule: name, text }) => told.push(`${name}: ${text}`));
    engine.record({ sli: "call_success", good: true, agent: "support" });
    clock.advance(9 * MINUTE);
    engine.record({ sli: "call_success", good: true, agent: "research" });
    expect(engine.absences()).toEqual([]);
    clock.advance(MINUTE);
    expect(engine.absences()).toMatchObject([{ rule: "support is silent" }]);
    engine.record({ sli: "task_success", good: false, agent: "support/refunds" });
    expect(engine.absences()).toEqual([]);
    expect(told).toEqual([
      "No events from agent support for 10 minutes.",
      "support is silent: Heard again, after no events from agent support for 10 minutes.",
    ]);
  });
});
