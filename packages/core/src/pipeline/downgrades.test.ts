import { describe, expect, it } from "vitest";
import type { GuardEvents } from "../events/guard-events.ts";
import { createGuard } from "../guard/create-guard.ts";
import type { ControlAction } from "../ports/authorize.ts";
import type { SliEvent } from "../sli/sli.ts";

const MODELS = { cheap: { provider: "openai", name: "gpt-5-nano" } };
const REQUEST = { kind: "model", provider: "openai", name: "gpt-5", models: MODELS } as const;
const WHY = { reason: "the budget of errors burns", by: "slo" };

describe("guard.downgrade", () => {
  it("calls another model for what it covers, until it is taken back", async () => {
    const guard = createGuard();
    const told: GuardEvents["model-substituted"][] = [];
    guard.on("model-substituted", (event) => told.push(event));
    const call = (agent: string) =>
      guard.with({ agent }, () => guard.run(REQUEST, () => ({ value: agent })));
    const { revoke } = await guard.downgrade({ agent: "support" }, { key: "cheap", ...WHY });
    await call("support");
    await call("research");
    await revoke(WHY);
    await call("support");
    expect(told).toMatchObject([
      {
        to: "openai/gpt-5-nano",
        because: "downgrade",
        budget: undefined,
        by: "slo",
        context: { agent: "support" },
      },
    ]);
    await guard.close();
  });

  it("is refused beyond a thousand, because each call looks at all of them", async () => {
    const guard = createGuard();
    const rule = { key: "cheap", when: () => false, ...WHY };
    const ends = Array.from({ length: 1_000 }, () => guard.downgrade("everything", rule));
    expect(() => guard.downgrade("everything", rule)).toThrow(/^BR9001.*1000 in force/);
    await expect(guard.downgrade("everything", { key: "cheap", ...WHY })).rejects.toThrow("BR9001");
    ends[0]?.();
    guard.downgrade("everything", rule);
    await guard.close();
  });

  it("may be asked for only now and then, and hooks know its key from the beginning", async () => {
    const guard = createGuard();
    let isWanted = false;
    const told: string[] = [];
    guard.on("model-substituted", ({ to }) => told.push(to));
    const stop = guard.downgrade("everything", { key: "cheap", when: () => isWanted, ...WHY });
    expect(guard.modelKeys).toEqual(["cheap"]);
    await guard.run(REQUEST, () => ({ value: 1 }));
    expect(told).toEqual([]);
    isWanted = true;
    await guard.run(REQUEST, () => ({ value: 1 }));
    expect(told).toEqual(["openai/gpt-5-nano"]);
    stop();
    expect(guard.modelKeys).toEqual([]);
    await guard.close();
  });

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["is asynchronous", async () => Promise.reject(new Error("broken"))],
  ])("asks for nothing while its rule %s, and says so once", async (_, when) => {
    const guard = createGuard();
    const topics: string[] = [];
    guard.on("warning", ({ topic }) => topics.push(topic));
    guard.on("model-substituted", () => topics.push("substituted"));
    guard.downgrade("everything", { key: "cheap", when: when as () => boolean, ...WHY });
    for (const value of [1, 2]) expect(await guard.run(REQUEST, () => ({ value }))).toBe(value);
    expect(topics).toEqual(["downgrade-rule:cheap"]);
    await guard.close();
  });

  it("leaves a call as it is when its hook has no such model, and says so", async () => {
    const guard = createGuard();
    const told: GuardEvents["downgrade-unavailable"][] = [];
    guard.on("downgrade-unavailable", (event) => told.push(event));
    await guard.downgrade("everything", { key: "tiny", ...WHY });
    await expect(guard.run(REQUEST, () => ({ value: 1 }))).resolves.toBe(1);
    expect(told).toMatchObject([{ key: "tiny", budget: undefined, name: "gpt-5" }]);
    await guard.close();
  });

  it("refuses an empty scope and unknown options", async () => {
    const guard = createGuard();
    const cheap = { key: "cheap", ...WHY };
    const never = () => false;
    await expect(guard.downgrade({}, cheap)).rejects.toThrow("empty scope");
    expect(() => guard.downgrade({}, { ...cheap, when: never })).toThrow("empty scope");
    const misspelt = { keys: "cheap", ...WHY } as unknown as typeof cheap;
    await expect(guard.downgrade("everything", misspelt)).rejects.toThrow('Did you mean "key"?');
    expect(() => guard.downgrade("everything", { ...cheap, when: true as never })).toThrow("when");
  });

  it("asks authorize, is an event and an audit record, and so is its end, which counts once", async () => {
    const asked: ControlAction[] = [];
    const kept: unknown[] = [];
    const told: unknown[] = [];
    const guard = createGuard({
      authorize: (action) => asked.push(action) > 0,
      audit: { append: (entry) => void kept.push(entry) },
    });
    guard.on("downgrade-issued", (event) => told.push(["issued", event]));
    guard.on("downgrade-revoked", (event) => told.push(["revoked", event]));
    const target = { agent: "support" };
    const { revoke } = await guard.downgrade(target, { key: "cheap", ...WHY });
    const back = { reason: "well again", by: "ann" };
    await revoke(back);
    await revoke(back);
    const changes = [
      { action: "downgrade", target, key: "cheap", ...WHY },
      { action: "revoke-downgrade", target, key: "cheap", ...back },
    ];
    expect(asked).toEqual([...changes, changes[1]]);
    expect(kept).toMatchObject(changes);
    expect(told).toEqual([
      ["issued", { target, key: "cheap", ...WHY }],
      ["revoked", { target, key: "cheap", ...back }],
    ]);
    await guard.close();
  });

  it("that authorize refuses changes nothing, and neither does a refused end", async () => {
    const guard = createGuard({ authorize: ({ by }) => by === "boss" });
    const cheap = { key: "cheap", reason: "test" };
    const refusal = { code: "BR3001" };
    await expect(guard.downgrade("everything", { ...cheap, by: "me" })).rejects.toMatchObject(
      refusal,
    );
    expect(guard.modelKeys).toEqual([]);
    const { revoke } = await guard.downgrade("everything", { ...cheap, by: "boss" });
    await expect(revoke({ reason: "test", by: "me" })).rejects.toMatchObject(refusal);
    expect(guard.modelKeys).toEqual(["cheap"]);
    await guard.close();
  });

  it("by a rule of the application is no change of anybody's: authorize is not asked", async () => {
    const guard = createGuard({ authorize: () => false });
    guard.downgrade("everything", { key: "cheap", when: () => true, ...WHY });
    expect(guard.modelKeys).toEqual(["cheap"]);
    await guard.close();
  });
});

describe("guard.sli", () => {
  it("hands every indicator to a listener until it stops", async () => {
    const guard = createGuard();
    const heard: SliEvent[] = [];
    const stop = guard.sli.subscribe((event) => heard.push(event));
    await guard.task({ agent: "support" }, () => guard.run(REQUEST, () => ({ value: 1 })));
    stop();
    await guard.run(REQUEST, () => ({ value: 1 }));
    expect(heard.filter(({ sli }) => sli === "call_success")).toMatchObject([
      { outcome: "good", agent: "support", model: "gpt-5", source: "guard" },
    ]);
    expect(heard.some(({ sli }) => sli === "task_success")).toBe(true);
    await guard.close();
  });
});
