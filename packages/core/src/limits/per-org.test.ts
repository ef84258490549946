import { describe, expect, it } from "vitest";
import { createFakeClock } from "../testing/fake-clock.ts";
import { createLimits } from "./create-limits.ts";
import type { LimitOptions } from "./limit.ts";
import { call } from "./test-fixture.ts";

const ORGS = 10_000;

function setUp(rule: string | LimitOptions) {
  const clock = createFakeClock();
  const limits = createLimits([rule]);
  limits.attach({ clock, emit: () => {}, on: () => () => {}, warn: () => {} });
  let made = 0;
  const use = (org: string, isSent = true): string | undefined => {
    const asked = { ...call(made++, "u"), context: { org, user: "u", session: "s" } };
    const taken = limits.look(asked) ?? limits.acquire(asked);
    if (taken !== undefined && "code" in taken) return taken.code;
    if (isSent) taken?.release({ outcome: "success" } as never);
    return undefined;
  };
  return { limits, use, clock };
}

function fill({ use }: { use(org: string): string | undefined }): void {
  for (let org = 0; org < ORGS; org++) use(`o-${org}`);
}

describe("more organisations than a limit knows at a time", () => {
  it("are let in where a session may begin anew: the longest unused does, and is counted", () => {
    const world = setUp("2 calls per session");
    fill(world);
    expect([world.use("new-0"), world.limits.forgotten]).toEqual([undefined, 1]);
    expect(world.use("o-50")).toBeUndefined();
    for (let org = 1; org < 100; org++) expect(world.use(`new-${org}`)).toBeUndefined();
    expect(world.limits.forgotten).toBe(100);
    expect(world.use("o-50")).toBe("BR4001"); // used since: its count is there still
    for (let turn = 0; turn < 2; turn++) expect(world.use("o-0")).toBeUndefined();
  });

  it("leave alone those whose calls are in flight", () => {
    const { limits, use } = setUp("1 calls per session");
    for (let org = 0; org < ORGS; org++) use(`o-${org}`, org % 2 === 0);
    for (let org = 0; org < ORGS / 2; org++) expect(use(`new-${org}`, false)).toBeUndefined();
    expect(limits.forgotten).toBe(ORGS / 2);
    expect(use("one-more")).toBe("BR8001");
  });

  it("are refused where that would lift a limit, until others are as good as new", () => {
    const { limits, use, clock } = setUp("1/minute per user");
    fill({ use });
    expect(use("new")).toBe("BR8001");
    clock.advance(60_000);
    expect([use("new"), limits.forgotten]).toEqual([undefined, 0]);
  });
});
