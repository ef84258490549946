import { findGuardError } from "@burnrate/core";
import { describe, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { chat, killAll, money, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();
const runId = "0b7a3f0e-3a36-4d5e-9a55-0d9f6f3c1a77";

describe("runs that the application gives one id", () => {
  test("one that comes after a refused one is asked about anew", async () => {
    const { guard, refused } = watchedGuard();
    const config = { callbacks: [guardCallback(guard), guardCallback(guard)], runId };
    await killAll(guard);
    expect(findGuardError(await thrownBy(() => chat(fake).invoke("hi", config)))?.code).toBe(
      "BR1001",
    );
    expect(refused).toHaveLength(1);
    const [kill] = guard.kills();
    await guard.revive(kill?.id ?? "", { reason: "test", by: "test" });
    expect((await chat(fake).invoke("hi", config)).text).toBe("You said: hi");
  });

  test("at the same time are calls of their own, of which none is free", async () => {
    const { guard, records } = watchedGuard();
    const config = { callbacks: [guardCallback(guard), guardCallback(guard)], runId };
    const model = chat(fake, { maxTokens: 50 });
    await Promise.all([1, 2, 3].map(() => model.invoke("hi", config)));
    expect(fake.requestCount()).toBe(3);
    expect(records).toHaveLength(3);
    const { held, spent } = await money(guard);
    expect(held).toBe(0);
    expect(spent).toBeGreaterThanOrEqual(fake.billedNanoUsd());
  });
});
