import { describe, expect, it } from "vitest";
import type { GuardEvents } from "../events/guard-events.ts";
import { createGuard } from "../guard/create-guard.ts";
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
    const stop = guard.downgrade({ agent: "support" }, { key: "cheap", ...WHY });
    await call("support");
    await call("research");
    stop();
    await call("support");
    expect(told).toMatchObject([
      {
        to: "openai/gpt-5-nano",
        because: "downgrade",
        budget: undefined,
        context: { agent: "support" },
      },
    ]);
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

  it("leaves a call as it is when its hook has no such model, and says so", async () => {
    const guard = createGuard();
    const told: GuardEvents["downgrade-unavailable"][] = [];
    guard.on("downgrade-unavailable", (event) => told.push(event));
    guard.downgrade("everything", { key: "tiny", ...WHY });
    await expect(guard.run(REQUEST, () => ({ value: 1 }))).resolves.toBe(1);
    expect(told).toMatchObject([{ key: "tiny", budget: undefined, name: "gpt-5" }]);
    await guard.close();
  });

  it("refuses an empty scope and unknown options", () => {
    const guard = createGuard();
    expect(() => guard.downgrade({}, { key: "cheap", ...WHY })).toThrow("empty scope");
    const misspelt = { keys: "cheap", ...WHY } as unknown as { key: string } & typeof WHY;
    expect(() => guard.downgrade("everything", misspelt)).toThrow('Did you mean "key"?');
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
