import { createGuard, createMemoryStore } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import { absenceRule } from "../objective/absence-rule.ts";
import { anEngine, anObjective, record, START_MS } from "../test-fixture.ts";
import { MINUTE, pass, turns } from "../testing/actions.ts";

const HOUR = 60 * MINUTE;

describe("a process that stood still for two hours while another went on", () => {
  it.each([true, false])(
    "asks before it kills and tells of silence; a store answers: %s",
    async (answers) => {
      const [clock, asleep] = [createFakeClock(START_MS), createFakeClock(START_MS)];
      const { state } = createMemoryStore({ clock });
      let isAway = false;
      const read: typeof state.read = async (key) => {
        if (isAway) throw new Error("away");
        return state.read(key);
      };
      const absences = [absenceRule({ name: "silent", after: "10m" })];
      const { engine: other } = anEngine([anObjective()], { clock, state, absences });
      const { engine } = anEngine([anObjective({ actions: [{ on: "page", do: "kill" }] })], {
        clock: asleep,
        state: { ...state, read },
        absences,
      });
      const guard = createGuard({ clock: asleep });
      engine.attach(guard);
      const told: string[] = [];
      engine.on("alert-fired", ({ long }) => told.push(long));
      engine.on("absence-detected", ({ rule }) => told.push(rule));
      await pass(asleep, 1);
      clock.advance(2 * HOUR);
      record(other, 10_000, 0);
      await other.sync();
      isAway = !answers;
      asleep.setWall(clock.wallMs());
      engine.evaluate();
      expect(engine.absences()).toEqual([]);
      expect(told).toEqual([]);
      record(engine, 2, 2); // connections that did not outlive it
      engine.evaluate();
      expect([told, guard.kills()]).toEqual([[], []]);
      await engine.sync();
      engine.evaluate();
      await turns();
      expect(guard.kills()).toHaveLength(answers ? 0 : 1);
      for (const one of [engine, other, guard]) await one.close();
    },
  );
});
