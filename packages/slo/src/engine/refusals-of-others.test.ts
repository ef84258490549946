import { createMemoryStore } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { describe, expect, it } from "vitest";
import { START_MS } from "../test-fixture.ts";
import { type Fixture, withObjectives } from "../testing/actions.ts";
import { minutes, type Provider } from "../testing/tasks.ts";

const THROTTLES = { name: "throttles", actions: [{ on: "page", do: "throttle" }] } as const;
const OPENS = {
  name: "opens",
  actions: [{ on: "page", do: { openBreaker: "openai/*" } }],
} as const;
const KILLS = { name: "kills", actions: [{ on: "page", do: "kill" }] } as const;
const WHY = { reason: "it is enough", by: "ada" };

const broken = (): Provider => ({ isBroken: true, takesMs: 0 });

/** Well again, but one call at a time is too few. */
function mend(provider: Provider): void {
  provider.isBroken = false;
  provider.takesMs = 40_000;
}

async function close(...fixtures: readonly Fixture[]): Promise<void> {
  for (const { engine, guard } of fixtures) {
    await engine.close();
    await guard.close();
  }
}

describe("what an action of one objective refuses is no reason for another one's to go on", () => {
  it.each([
    ["of two objectives", [THROTTLES, OPENS]],
    [
      "of three, one of them about everything",
      [{ ...THROTTLES, match: {} }, OPENS, { ...OPENS, name: "opens, too" }],
    ],
  ])("lets go of throttles and circuits %s", async (_, objectives) => {
    const fixture = withObjectives(objectives);
    const provider = broken();
    await minutes(fixture, provider, 3);
    const { length } = fixture.told;
    expect(length).toBe(objectives.length);
    mend(provider);
    await minutes(fixture, provider, 20);
    expect(fixture.told.slice(length)).toEqual(
      fixture.told.slice(0, length).map((told) => told.replace("engaged", "released")),
    );
    expect(await minutes(fixture, provider, 60)).toEqual({ good: 180 });
    expect(fixture.told).toHaveLength(2 * length);
    await close(fixture);
  });

  it("lets go of a throttle and a circuit that two processes of a fleet have", async () => {
    const clock = createFakeClock(START_MS);
    const fleet = { clock, store: createMemoryStore({ clock }) };
    const one = withObjectives([THROTTLES], fleet);
    const other = withObjectives([THROTTLES, OPENS], fleet, { breaker: true });
    const provider = broken();
    await minutes(other, provider, 3);
    expect(one.told).toEqual(["action-engaged throttle"]);
    mend(provider);
    await minutes(other, provider, 40);
    expect(one.told).toEqual(["action-engaged throttle", "action-released throttle"]);
    expect(other.told.filter((told) => told.includes("engaged"))).toHaveLength(2);
    expect(await minutes(other, provider, 60)).toEqual({ good: 180 });
    await close(one, other);
  });

  it("lets go of a throttle while another objective's kill refuses", async () => {
    const fixture = withObjectives([THROTTLES, KILLS]);
    const provider = broken();
    const ends = await minutes(fixture, provider, 20);
    expect(ends["BR1001"]).toBeGreaterThan(50);
    expect(fixture.told).toEqual([
      "action-engaged throttle",
      "action-engaged kill",
      "action-released throttle",
    ]);
    mend(provider);
    const [kill] = fixture.guard.kills();
    await fixture.guard.revive(kill?.id ?? "", WHY);
    expect(await minutes(fixture, provider, 60)).toEqual({ good: 180 });
    await close(fixture);
  });
});

describe("what nobody's action refuses is as bad as what fails", () => {
  it("holds a throttle while calls wait for a person's, too, and lets go after it", async () => {
    const fixture = withObjectives([THROTTLES]);
    const provider = broken();
    const { id } = await fixture.guard.kill({ agent: "support" }, { ...WHY, level: "throttle" });
    await minutes(fixture, provider, 3);
    mend(provider);
    const ends = await minutes(fixture, provider, 60);
    expect(ends["BR4002"]).toBeGreaterThan(50);
    expect(fixture.told).toEqual(["action-engaged throttle"]);
    await fixture.guard.revive(id, WHY);
    await minutes(fixture, provider, 30);
    expect(fixture.told).toEqual(["action-engaged throttle", "action-released throttle"]);
    expect(await minutes(fixture, provider, 60)).toEqual({ good: 180 });
    await close(fixture);
  });

  it("holds a throttle while a circuit that a person opened refuses", async () => {
    const search = { openBreaker: "tool:search" };
    const fixture = withObjectives([
      THROTTLES,
      { ...OPENS, actions: [{ on: "page", do: search }] },
    ]);
    const forced = { ...WHY, ttlMs: 3_600_000 };
    await fixture.guard.breaker.forceOpen("openai/gpt-5", forced);
    await minutes(fixture, { isBroken: false, takesMs: 0 }, 30);
    expect(fixture.told).toEqual(["action-engaged throttle", "action-engaged open-breaker"]);
    await close(fixture);
  });

  it("holds a throttle while a limit refuses with the same code", async () => {
    const limits = ["1 at once"] as const;
    const fixture = withObjectives([THROTTLES], undefined, { limits });
    const ends = await minutes(fixture, { isBroken: false, takesMs: 40_000 }, 60);
    expect(ends["BR4002"]).toBeGreaterThan(50);
    expect(fixture.told).toEqual(["action-engaged throttle"]);
    await close(fixture);
  });
});
