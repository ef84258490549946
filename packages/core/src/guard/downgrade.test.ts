import { describe, expect, it } from "vitest";
import { checkModelKeys } from "../config/check-model-keys.ts";
import type { GuardEvents } from "../events/guard-events.ts";
import type { Guard } from "./guard.ts";
import { account, codeOf, model, setUp, slowStore, spend, used, WHY } from "./test-fixture.ts";

const MODELS = {
  cheap: { provider: "openai", name: "gpt-4.1-mini" },
  nano: { provider: "openai", name: "text-embedding-3-small" },
};
const CALL = model(0, 1_000, { models: MODELS });
const BUDGET = {
  id: "day",
  limit: { usd: 1 },
  window: "day",
  at: [
    { fraction: 0.5, do: { downgrade: "cheap" } },
    { fraction: 0.8, do: { downgrade: "nano" } },
  ],
} as const;

function substitutions(guard: Guard) {
  const events: GuardEvents["model-substituted"][] = [];
  const missing: GuardEvents["downgrade-unavailable"][] = [];
  guard.on("model-substituted", (event) => events.push(event));
  guard.on("downgrade-unavailable", (event) => missing.push(event));
  return { events, missing };
}

describe("a budget that downgrades", () => {
  it("puts a cheaper model in place, reserved at its own price, and the record says so", async () => {
    const { guard, records } = setUp({ budgets: [BUDGET] });
    const { events } = substitutions(guard);
    expect((await spend(guard, CALL)).requested).toBeUndefined();
    await spend(guard, model(0, 250_000)); // $0.50
    const permit = await guard.begin(CALL);
    expect(permit.substitute).toBe("cheap");
    expect((await account(guard)).held).toBe(1_000 * 1_600);
    permit.dispatched();
    const record = await permit.settle(used(0, 1_000));
    expect(record).toMatchObject({
      provider: "openai",
      name: "gpt-4.1-mini",
      costNanoUsd: 1_600_000,
      requested: { provider: "openai", name: "gpt-5-mini", key: "cheap", because: "downgrade" },
    });
    expect(events).toEqual([
      {
        ...{ id: permit.id, context: {}, from: "openai/gpt-5-mini", to: "openai/gpt-4.1-mini" },
        ...{ key: "cheap", because: "downgrade", budget: "day" },
      },
    ]);
    expect(records).toHaveLength(3);
    await guard.close();
  });

  it("takes the highest crossed threshold, or the next one that the hook can serve", async () => {
    const { guard } = setUp({ budgets: [BUDGET] });
    await spend(guard, model(0, 410_000)); // $0.82
    const keyOf = async (request: typeof CALL): Promise<string | undefined> => {
      const permit = await guard.begin(request);
      await permit.release();
      return permit.substitute;
    };
    expect(await keyOf(CALL)).toBe("nano");
    expect(await keyOf({ ...CALL, models: { cheap: MODELS.cheap } })).toBe("cheap");
    await guard.close();
  });

  it("asks every budget of the call for a model that its hook has", async () => {
    const other = { ...BUDGET, id: "other", at: [{ fraction: 0.1, do: { downgrade: "unknown" } }] };
    const { guard } = setUp({ budgets: [other, BUDGET] });
    const { missing } = substitutions(guard);
    await spend(guard, model(0, 250_000));
    expect((await spend(guard, CALL)).requested).toMatchObject({ key: "cheap" });
    expect(missing).toEqual([]);
    await guard.close();
  });

  it("leaves the model alone where the hook has no other, under the hard limit, and says so", async () => {
    const { guard } = setUp({ budgets: [BUDGET] });
    const { events, missing } = substitutions(guard);
    await spend(guard, model(0, 250_000));
    const permit = await guard.begin(model(0, 1_000));
    expect(permit.substitute).toBeUndefined();
    await permit.release();
    expect(missing).toEqual([
      { id: permit.id, name: "gpt-5-mini", key: "cheap", budget: "day", context: {} },
    ]);
    expect(events).toEqual([]);
    expect(await codeOf(guard.begin(model(0, 260_000)))).toBe("BR2001");
    await guard.close();
  });

  it("gives the model back when the window resets", async () => {
    const { guard, clock } = setUp({ budgets: [BUDGET] });
    await spend(guard, model(0, 250_000));
    clock.advance(86_400_000);
    expect((await spend(guard, CALL)).name).toBe("gpt-5-mini");
    await guard.close();
  });

  it("kills of the other model count, and policy sees it", async () => {
    const asked: string[] = [];
    const { guard } = setUp({
      budgets: [BUDGET],
      policy: {
        decide: ({ name }) => {
          asked.push(name);
          return { outcome: "allow" };
        },
      },
    });
    await spend(guard, model(0, 250_000));
    await spend(guard, CALL);
    expect(asked).toEqual(["gpt-5-mini", "gpt-4.1-mini"]);
    await guard.kill({ model: "gpt-4.1-mini" }, { ...WHY, level: "stop" });
    expect(await codeOf(guard.begin(CALL))).toBe("BR1001");
    await guard.close();
  });

  it("knows what was spent before it started, on a store that answers later", async () => {
    const { store } = slowStore();
    const first = setUp({ budgets: [BUDGET], store });
    await spend(first.guard, model(0, 250_000));
    const second = setUp({ budgets: [BUDGET], store });
    expect((await spend(second.guard, CALL)).name).toBe("gpt-4.1-mini");
    await first.guard.close();
  });

  it.each<[string, unknown, RegExp]>([
    ["nobody", { cheap: undefined }, /request\.models\.cheap must be an object with a name/],
    ["a number", { cheap: { name: 5 } }, /request\.models\.cheap/],
  ])("refuses a request whose other model is %s", async (_, models, message) => {
    const { guard } = setUp({ budgets: [BUDGET] });
    await expect(guard.begin({ ...CALL, models: models as never })).rejects.toThrow(message);
    await guard.close();
  });
});

describe("the models that hooks offer", () => {
  const offer = (guard: Guard, models: object) => () =>
    checkModelKeys("guardModel.models", { ...models }, guard);

  it("have keys that some threshold asks for", () => {
    const { guard } = setUp({ budgets: [BUDGET] });
    expect(guard.modelKeys).toEqual(["cheap", "nano"]);
    expect(offer(guard, MODELS)).not.toThrow();
    expect(offer(guard, { chaep: 1 })).toThrow(/BR9001 guardModel\.models.*Did you mean "cheap"/);
  });

  it("are of no use where nothing asks for any", () => {
    const { guard } = setUp();
    expect(offer(guard, MODELS)).toThrow(/nothing asks for it\. Give a budget the threshold/);
  });

  it("may have any key where the breaker has fallbacks", () => {
    const { guard } = setUp({ breaker: { fallbacks: { "openai/gpt-5": "openai/gpt-5-mini" } } });
    expect(offer(guard, MODELS)).not.toThrow();
  });
});

describe("an open circuit", () => {
  const breaker = { fallbacks: { "openai/gpt-5-mini": "openai/gpt-4.1-mini" } };

  it.each(["openai", "openai.chat"])(
    "of %s sends calls to the fallback that the hook has, by whatever key",
    async (provider) => {
      const { guard } = setUp({ breaker });
      const { events } = substitutions(guard);
      for (let call = 0; call < 10; call++) {
        const permit = await guard.begin(model(0, 10, { provider }));
        permit.dispatched();
        await permit.fail(Object.assign(new Error("down"), { status: 500 }));
        if (permit.substitute !== undefined) break;
        if ((await codeOf(guard.begin(model(0, 10, { provider })))) === "BR5001") break;
      }
      expect(await codeOf(guard.begin(model(0, 10, { provider })))).toBe("BR5001");
      const record = await spend(guard, { ...CALL, provider });
      expect(record).toMatchObject({
        name: "gpt-4.1-mini",
        requested: { name: "gpt-5-mini", key: "cheap", because: "fallback" },
      });
      expect(events).toMatchObject([{ because: "fallback", budget: undefined }]);
      await guard.close();
    },
  );
});
