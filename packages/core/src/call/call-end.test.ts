import { expect, it } from "vitest";
import { account, model, setUp } from "../guard/test-fixture.ts";

/** An object with a field that throws when it is read. */
function unreadable(key: string, rest: object = {}): object {
  const get = (): never => {
    throw new Error("hostile");
  };
  return Object.defineProperty({ ...rest }, key, { get });
}

async function dispatched() {
  const { guard } = setUp({ budgets: ["$1"] });
  const permit = await guard.begin(model(10, 10));
  permit.dispatched();
  const held = (await account(guard)).held;
  return { guard, permit, held };
}

it.each([undefined, "usage", "outcome", "output", "sources"])(
  "a result whose %s cannot be read ends its call, charged in full",
  async (key) => {
    const { guard, permit, held } = await dispatched();
    await permit.settle(key === undefined ? {} : unreadable(key));
    expect(await account(guard)).toMatchObject({ held: 0, settled: held });
    expect(guard.metrics().calls.inFlight).toBe(0);
  },
);

it("usage that can be read counts, whatever else cannot", async () => {
  const { permit } = await dispatched();
  const usage = { inputTokens: 1, outputTokens: 1 };
  const record = await permit.settle(unreadable("output", { usage }));
  expect(record).toMatchObject({ usage, usageSource: "provider", outcome: "success" });
});

it.each(["usage", "abandoned", "retryAfterMs"])(
  "a failure whose %s cannot be read ends its call",
  async (key) => {
    const { guard, permit, held } = await dispatched();
    const record = await permit.fail(new Error("x"), unreadable(key));
    expect(record.outcome).toBe("failed");
    expect(await account(guard)).toMatchObject({ held: 0, settled: held });
  },
);
