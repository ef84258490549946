import { strict as assert } from "node:assert";
import type { GuardOptions } from "../../guard/options.ts";
import type { ToolContractOptions, ToolDriver } from "./driver.ts";
import { createWitness } from "./witness.ts";
import { balance, createWorld, onlyRecord, refusalOf, type World } from "./world.ts";

interface ToolWorld extends World {
  readonly driver: ToolDriver;
  executions(): number;
}

const SECRET = "a secret argument";

/** What holds for every tool hook. */
export function toolCases(contract: ToolContractOptions): void {
  const scenario = (
    name: string,
    run: (world: ToolWorld) => Promise<void>,
    options: GuardOptions = {},
    execute: (args: { readonly text: string }) => Promise<string> = async ({ text }) => text,
  ): void =>
    contract.test(name, async () => {
      const world = createWorld(options);
      let executions = 0;
      const driver = await contract.create({
        guard: world.guard,
        execute: (args) => {
          executions += 1;
          return execute(args);
        },
      });
      try {
        await run({ ...world, driver, executions: () => executions });
        assert.equal((await balance(world.guard)).held, 0, "nothing stays held");
        assert.equal(world.guard.metrics().calls.inFlight, 0, "no call is in flight");
      } finally {
        await driver.close?.();
        await world.guard.close();
      }
    });

  scenario("a tool call is recorded once, and what it said is not kept", async (world) => {
    const result = await world.driver.call({ text: SECRET });
    assert.ok(JSON.stringify(result).includes(SECRET), "the caller gets what the tool gave");
    const record = onlyRecord(world);
    assert.equal(record.kind, "tool");
    assert.equal(record.name, "echo");
    assert.equal(record.outcome, "success");
    assert.equal(world.executions(), 1);
    assert.ok(!JSON.stringify(world.records).includes(SECRET));
  });

  const sees = createWitness("tool");
  scenario(
    "an evaluator sees the arguments and the result",
    async (world) => {
      await world.driver.call({ text: SECRET });
      sees.assertSaw({ input: SECRET, output: `result of ${SECRET}` });
    },
    { evaluators: [sees.evaluator] },
    async ({ text }) => `result of ${text}`,
  );

  scenario(
    "a tool call over the budget is not made",
    async (world) => {
      await world.driver.call({ text: "1" });
      const refusal = await refusalOf(() => world.driver.call({ text: SECRET }));
      assert.equal(refusal.code, "BR2001");
      assert.ok(!refusal.message.includes(SECRET));
      assert.equal(world.executions(), 1);
      assert.equal(world.records.length, 1);
    },
    { budgets: ["$5/day", "1 calls/day"] },
  );

  scenario("a killed tool does not run", async (world) => {
    await world.guard.kill({ tool: "echo" }, { reason: "contract", by: "contract", level: "stop" });
    assert.equal((await refusalOf(() => world.driver.call({ text: "1" }))).code, "BR1001");
    assert.equal(world.executions(), 0);
    assert.equal(world.records.length, 0);
  });

  scenario(
    "a tool that fails counts as a failed call",
    async (world) => {
      await world.driver.call({ text: "1" }).catch(() => undefined);
      assert.ok(["tool-error", "failed"].includes(onlyRecord(world).outcome));
    },
    {},
    async () => {
      throw new TypeError("broken tool");
    },
  );

  scenario("a call that was aborted beforehand leaves nothing held", async (world) => {
    const signal = AbortSignal.abort();
    await world.driver.call({ text: "1" }, { signal }).catch(() => undefined);
  });

  scenario(
    "100 calls at once never exceed the budget",
    async (world) => {
      const calls = Array.from({ length: 100 }, () => world.driver.call({ text: "1" }));
      await Promise.allSettled(calls);
      assert.equal(world.executions(), 5);
      assert.equal(world.records.length, 5);
      assert.equal(world.refusals.length, 95);
    },
    { budgets: ["$5/day", "5 calls/day"] },
  );

  scenario(
    "a required evaluator that fails withholds the result, after the call is recorded",
    async (world) => {
      const refusal = await refusalOf(() => world.driver.call({ text: "1" }));
      assert.equal(refusal.code, "BR6001");
      assert.equal(onlyRecord(world).outcome, "success");
    },
    {
      evaluators: [
        { name: "never", on: "tool", required: true, evaluate: () => ({ passed: false }) },
      ],
    },
  );
}
