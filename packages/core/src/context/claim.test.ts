import { describe, expect, it } from "vitest";
import { model, setUp } from "../guard/test-fixture.ts";
import { claimedRequest, takeClaim, withClaim, withoutClaim } from "./claim.ts";

describe("a hook's claim on its call", () => {
  const claimed = async () => {
    const { guard } = setUp();
    const permit = await guard.begin(model(1, 1));
    return { guard, permit, key: { guard, kind: "model", name: "m" } as const };
  };

  it("is there in contexts and tasks that are opened inside of it, and not outside", async () => {
    const { guard, permit, key } = await claimed();
    const take = () => takeClaim(key);
    expect(withClaim(key, permit, () => guard.with({ agent: "a" }, take))).toBe(permit);
    expect(await withClaim(key, permit, () => guard.task({}, take))).toBe(permit);
    expect(withClaim(key, permit, () => withoutClaim(take))).toBeUndefined();
    expect(take()).toBeUndefined();
  });

  it("is found behind another guard's on the same call, and only there", async () => {
    const [own, other] = [await claimed(), await claimed()];
    const inside = () => [own.key, other.key, own.key].map(takeClaim);
    const both = withClaim(own.key, own.permit, () => withClaim(other.key, other.permit, inside));
    expect(both).toEqual([own.permit, other.permit, undefined]);
    const nested = withClaim(own.key, own.permit, () =>
      withClaim({ ...other.key, name: "another" }, other.permit, () => takeClaim(own.key)),
    );
    expect(nested).toBeUndefined();
  });

  it("says what the nearest hook that names a request hands on", async () => {
    const { permit, key } = await claimed();
    const request = { prompt: [] };
    const other = { ...key, kind: "tool" } as const;
    const inside = () => withClaim(other, permit, claimedRequest);
    expect(withClaim({ ...key, request }, permit, inside)).toBe(request);
    expect([inside(), claimedRequest()]).toEqual([undefined, undefined]);
  });

  it("leaves the context as it is, and so does going on without it", async () => {
    const { guard, permit, key } = await claimed();
    const agent = () => guard.context().agent;
    const inside = () => [agent(), withoutClaim(agent)];
    expect(guard.with({ agent: "a" }, () => withClaim(key, permit, inside))).toEqual(["a", "a"]);
  });

  it("does not follow a task out of it", async () => {
    const { guard, permit, key } = await claimed();
    const task = withClaim(key, permit, () => guard.openTask({ name: "later" }));
    expect(task.run(() => takeClaim(key))).toBeUndefined();
  });

  it("puts what it sends into the task that the call was begun for", async () => {
    const { guard } = setUp();
    const task = guard.openTask({ name: "run" });
    const permit = await guard.begin({ ...model(1, 1), task });
    const key = { guard, kind: "model", name: "m" } as const;
    expect(withClaim(key, permit, () => guard.context().task)).toBe(task.id);
    expect(
      await guard.task({}, (own) => withClaim(key, permit, () => guard.context().task === own.id)),
    ).toBe(true);
  });
});
