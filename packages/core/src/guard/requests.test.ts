import { describe, expect, it } from "vitest";
import type { CallRecord, CallRequest } from "../index.ts";
import { codeOf, model, setUp, tool, WHY } from "./test-fixture.ts";

const throwing = (key: string): object =>
  Object.defineProperty({ ...model(1, 1) }, key, {
    enumerable: true,
    get() {
      throw new Error("hostile");
    },
  });

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe("a request that is none", () => {
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a number", 5],
    ["a revoked proxy", revoked()],
    ["no kind", { name: "gpt-5-mini" }],
    ["no name", { kind: "model" }],
    ["a getter for its kind that throws", throwing("kind")],
    ["a getter for its name that throws", throwing("name")],
    ["a getter for its provider that throws", throwing("provider")],
    ["a getter for its signal that throws", throwing("signal")],
    ["a provider that is a number", { ...model(1, 1), provider: 5 }],
    ["an estimate that is a number", { ...model(1, 1), estimate: 5 }],
    ["no estimate, as null", { ...model(1, 1), estimate: null }],
    ["a getter for its estimate that throws", throwing("estimate")],
    ["no price of a tool, as null", { ...tool("search"), estimate: { usd: null } }],
    ["a misspelt bound", { ...model(1, 1), bound: "asumed" }],
    ["a signal that is no signal", { ...model(1, 1), signal: {} }],
    ["a task that is a number", { ...model(1, 1), task: 5 }],
    ["a task that cannot run", { ...model(1, 1), task: {} }],
  ])("(%s) is a mistake of the caller, and says so", async (_, request) => {
    const { guard } = setUp({ budgets: ["$1/day"] });
    expect(await codeOf(guard.begin(request as CallRequest))).toBe("BR9001");
    expect((await guard.budgets())[0]).toMatchObject({ held: 0 });
  });

  it("(a misspelt bound of its estimate) is told what was meant, and reserves nothing", async () => {
    const { guard } = setUp({ budgets: ["$1/day"] });
    const estimate = { inputTokens: 10, maxOutputToken: 400 };
    const error = await guard.begin({ ...model(1, 1), estimate }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "BR9001" });
    expect(error.message).toMatch(/request\.estimate.*maxOutputToken.*maxOutputTokens/);
    expect((await guard.budgets())[0]).toMatchObject({ held: 0 });
    const absent = { ...model(1, 1), estimate: { inputTokens: 1, maxTokens: undefined } };
    await (await guard.begin(absent as CallRequest)).release();
  });

  it("(a getter for its input that throws) is refused", async () => {
    const { guard } = setUp({ budgets: ["$1/day"] });
    const { estimate: _, ...rest } = model(1, 1);
    const request = Object.defineProperty(rest, "input", {
      get() {
        throw new Error("hostile");
      },
    });
    expect(await codeOf(guard.begin(request as CallRequest))).toBe("BR8001");
  });
});

it("a run without a function is a mistake of the caller, and costs nothing", async () => {
  const { guard } = setUp({ budgets: ["$1/day"] });
  expect(await codeOf(guard.run(model(1, 1), undefined as never))).toBe("BR9001");
  expect((await guard.budgets())[0]).toMatchObject({ settled: 0, held: 0 });
});

describe("a refused call", () => {
  it("is exported as refused, with its code and without a charge", async () => {
    const exported: CallRecord[] = [];
    const exporters = [
      { name: "list", exportCall: (record: CallRecord) => void exported.push(record) },
    ];
    const { guard, records } = setUp({ budgets: ["$0.000001/day"], exporters });
    expect(await codeOf(guard.begin(model(1_000, 1_000)))).toBe("BR2001");
    expect(exported).toMatchObject([
      { outcome: "refused", refusalCode: "BR2001", costNanoUsd: 0, latencyMs: 0 },
    ]);
    expect(records).toEqual([]);
  });

  it("is told also when the kill came between permission and dispatch", async () => {
    const { guard } = setUp();
    const codes: string[] = [];
    guard.on("call-refused", ({ code }) => codes.push(code));
    const permit = await guard.begin(model(1, 1));
    await guard.kill({ model: "gpt-5-mini" }, { ...WHY, level: "stop" });
    expect(() => permit.dispatched()).toThrow("BR1001");
    expect(codes).toEqual(["BR1001"]);
    expect(guard.metrics().calls).toMatchObject({ refused: 1, inFlight: 0 });
  });
});
