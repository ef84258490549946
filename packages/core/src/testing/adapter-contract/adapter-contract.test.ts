import { describe, expect, it } from "vitest";
import { adapterContract } from "./adapter-contract.ts";
import type { AdapterContractOptions, RegisterTest } from "./driver.ts";
import { createModelHook, createToolHook, type ModelFault, type ToolFault } from "./test-hooks.ts";

/** Runs a contract here and now; the names of the cases that failed. */
async function failuresOf(
  describeAdapter: (test: RegisterTest) => AdapterContractOptions,
): Promise<readonly string[]> {
  const cases: [name: string, run: () => Promise<void>][] = [];
  adapterContract(describeAdapter((name, run) => cases.push([name, run])));
  const failed: string[] = [];
  for (const [name, run] of cases) await run().catch(() => failed.push(name));
  return failed;
}

const modelFailures = (fault?: ModelFault): Promise<readonly string[]> =>
  failuresOf((test) => ({
    test,
    kind: "model",
    streams: false,
    create: (setup) => createModelHook(setup, fault),
  }));

const toolFailures = (fault?: ToolFault): Promise<readonly string[]> =>
  failuresOf((test) => ({ test, kind: "tool", create: (setup) => createToolHook(setup, fault) }));

describe("the adapter contract", () => {
  it("passes the least that a hook can be", async () => {
    expect(await modelFailures()).toEqual([]);
    expect(await toolFailures()).toEqual([]);
  });

  it.each<[ModelFault, string]>([
    ["sends although it was refused", "a killed call sends nothing"],
    ["hides the refusal", "a killed call sends nothing"],
    ["forgets the prompt", "all of a long prompt is reserved before it is sent"],
    ["sends no limit", "a request without an output limit gets one"],
    ["leaves cached tokens out", "an answer is charged once, to the nano-dollar"],
    ["reports no usage", "an answer is charged once, to the nano-dollar"],
    ["calls an error free", "a connection that is cut is charged in full"],
    ["retries unseen", "an answer that says server-error costs nothing and stays what it was"],
  ])("catches a hook on models that %s", async (fault, name) => {
    expect(await modelFailures(fault)).toContain(name);
  });

  it.each<[ToolFault, string]>([
    ["runs before it asks", "a killed tool does not run"],
    ["hides the refusal", "a killed tool does not run"],
    ["forgets the arguments", "an evaluator sees the arguments and the result"],
    ["forgets the result", "an evaluator sees the arguments and the result"],
    ["changes the result", "a tool call is recorded once, and what it said is not kept"],
    ["calls an error a success", "a tool that fails counts as a failed call"],
  ])("catches a hook on tools that %s", async (fault, name) => {
    expect(await toolFailures(fault)).toContain(name);
  });
});
