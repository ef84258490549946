import { expect, it } from "vitest";
import { anyKills } from "../adapter.ts";
import { setUp, WHY } from "../guard/test-fixture.ts";

it("says whether any kill is in force, whomever it covers", async () => {
  const { guard, clock } = setUp();
  expect(anyKills(guard)).toBe(false);
  const { id } = await guard.kill({ user: "somebody" }, WHY);
  expect([anyKills(guard), anyKills({ ...guard })]).toEqual([true, true]);
  await guard.revive(id, WHY);
  expect(anyKills(guard)).toBe(false);
  await guard.kill({ user: "somebody" }, { ...WHY, ttlMs: 10 });
  clock.advance(10);
  expect(guard.kills()).toEqual([]);
  expect(anyKills(guard)).toBe(false);
});

it("takes it that there may be some where a guard cannot say", () => {
  expect(anyKills({ killed: () => undefined })).toBe(true);
});
