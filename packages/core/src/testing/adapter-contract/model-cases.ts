import { strict as assert } from "node:assert";
import type { OutcomeClass } from "../../call/outcome.ts";
import { findGuardError } from "../../errors/find-guard-error.ts";
import type { GuardOptions } from "../../guard/options.ts";
import type { Behaviour } from "../fake-provider/behaviour.ts";
import type { ModelContractOptions } from "./driver.ts";
import { assertBooks, inModelWorld, type ModelWorld } from "./model-world.ts";
import { createWitness } from "./witness.ts";
import { balance, errorOf, onlyRecord, refusalOf } from "./world.ts";

const STOP = { reason: "contract", by: "contract", level: "stop" } as const;
/** Far more tokens than any estimate of a prompt that its hook did not hand over. */
const LONG_PROMPT = "all work and no play ".repeat(1_000);
const REJECTIONS: readonly (readonly [Behaviour, OutcomeClass])[] = [
  [{ kind: "fail", status: 400 }, "client-error"],
  [{ kind: "rate-limit", retryAfterSeconds: 7 }, "rate-limited"],
  [{ kind: "fail", status: 500 }, "server-error"],
];

/** What holds for every model hook, streams aside. */
export function modelCases(contract: ModelContractOptions): void {
  const scenario = (
    name: string,
    run: (world: ModelWorld) => Promise<void>,
    options?: GuardOptions,
  ): void => contract.test(name, () => inModelWorld(contract, run, options));

  scenario("an answer is charged once, to the nano-dollar", async (world) => {
    world.provider.next({ kind: "reply", text: "well done", cachedTokens: 2, reasoningTokens: 3 });
    assert.equal((await world.driver.generate({ prompt: "hello there" })).text, "well done");
    const record = onlyRecord(world);
    assert.equal(record.outcome, "success");
    assert.equal(record.usageSource, "provider");
    assert.equal(record.usageAnomaly, undefined);
    assert.equal(record.costNanoUsd, world.provider.billedNanoUsd());
    assert.deepEqual(
      [
        record.usage.inputTokens,
        record.usage.outputTokens,
        record.usage.cacheReadTokens,
        record.usage.reasoningTokens,
      ],
      [
        world.provider.totals().inputTokens,
        world.provider.totals().outputTokens,
        world.provider.totals().cacheReadTokens,
        world.provider.totals().reasoningTokens,
      ],
    );
    assert.equal((await balance(world.guard)).charged, world.provider.billedNanoUsd());
    await assertBooks(world);
  });

  scenario("all of a long prompt is reserved before it is sent", async (world) => {
    await world.driver.generate({ prompt: LONG_PROMPT, maxOutputTokens: 16 });
    const { reservedNanoUsd } = onlyRecord(world);
    const billed = world.provider.billedNanoUsd();
    assert.ok(reservedNanoUsd >= billed, `${reservedNanoUsd} reserved, ${billed} billed`);
    await assertBooks(world);
  });

  const sees = createWitness("model");
  scenario(
    "an evaluator sees the prompt and the answer",
    async (world) => {
      world.provider.next({ kind: "reply", text: "forty-two" });
      await world.driver.generate({ prompt: "what is the answer" });
      sees.assertSaw({ input: "what is the answer", output: "forty-two" });
    },
    { evaluators: [sees.evaluator] },
  );

  const refused = async (world: ModelWorld, code: string): Promise<void> => {
    assert.equal((await refusalOf(() => world.driver.generate({ prompt: "hi" }))).code, code);
    assert.equal(world.provider.requestCount(), 0, "nothing was sent");
    assert.equal(world.refusals.length, 1);
    await assertBooks(world);
  };
  scenario("a call that no budget affords sends nothing", (world) => refused(world, "BR2001"), {
    budgets: ["$0.0000001/day"],
  });
  scenario("a killed call sends nothing", async (world) => {
    await world.guard.kill("everything", STOP);
    await refused(world, "BR1001");
  });

  if (contract.limitsOutput !== false) {
    scenario("a request without an output limit gets one", async (world) => {
      await world.driver.generate({ prompt: "hi" });
      const limit = sentLimit(world);
      assert.ok(typeof limit === "number" && limit > 0, "a limit was sent");
      assert.equal(onlyRecord(world).bound, "enforced");
      await assertBooks(world);
    });
    scenario("a request's own output limit is kept", async (world) => {
      await world.driver.generate({ prompt: "hi", maxOutputTokens: 77 });
      assert.equal(sentLimit(world), 77);
      await assertBooks(world);
    });
  }

  for (const [behaviour, outcome] of REJECTIONS) {
    scenario(
      `an answer that says ${outcome} costs nothing and stays what it was`,
      async (world) => {
        world.provider.next(behaviour);
        const error = await errorOf(() => world.driver.generate({ prompt: "hi" }));
        assert.equal(findGuardError(error), undefined, "the provider's failure is not a refusal");
        assert.equal(onlyRecord(world).outcome, outcome);
        assert.equal(onlyRecord(world).costNanoUsd, 0);
        await assertBooks(world);
      },
    );
  }

  scenario("a connection that is cut is charged in full", async (world) => {
    world.provider.next({ kind: "cut", afterChunks: 0 });
    await errorOf(() => world.driver.generate({ prompt: "hi" }));
    assert.notEqual(onlyRecord(world).outcome, "success");
    assert.equal(onlyRecord(world).usageSource, "estimated");
    await assertBooks(world);
  });

  scenario("an answer without usage is charged in full", async (world) => {
    world.provider.next({ kind: "reply", text: "ok", usage: "omit" });
    await world.driver.generate({ prompt: "hi" });
    const record = onlyRecord(world);
    assert.equal(record.usageSource, "estimated");
    assert.equal(record.costNanoUsd, record.reservedNanoUsd);
    await assertBooks(world);
  });

  scenario("the caller's abort ends the call and is nobody's error", async (world) => {
    world.provider.next({ kind: "stall" });
    const stop = new AbortController();
    const call = errorOf(() => world.driver.generate({ prompt: "hi", signal: stop.signal }));
    await world.provider.waitForRequests(1);
    stop.abort();
    assert.equal(findGuardError(await call), undefined);
    await assertBooks(world);
    assert.equal(onlyRecord(world).outcome, "aborted");
  });

  if (contract.abortsCalls !== false) {
    scenario("a kill cuts a call that waits for its answer", async (world) => {
      world.provider.next({ kind: "stall" });
      const call = refusalOf(() => world.driver.generate({ prompt: "hi" }));
      await world.provider.waitForRequests(1);
      await world.guard.kill("everything", { ...STOP, level: "abort" });
      assert.equal((await call).code, "BR1001");
      await assertBooks(world);
      assert.equal(onlyRecord(world).outcome, "killed");
    });
  }

  scenario(
    "100 calls at once never spend more than the budget",
    async (world) => {
      const calls = Array.from({ length: 100 }, () =>
        world.driver.generate({ prompt: "hi", maxOutputTokens: 1_000 }),
      );
      const results = await Promise.allSettled(calls);
      for (const result of results) {
        if (result.status === "rejected") {
          assert.equal(findGuardError(result.reason)?.code, "BR2001");
        }
      }
      const admitted = results.filter((result) => result.status === "fulfilled").length;
      assert.ok(admitted > 0 && admitted < 100, `${admitted} of 100 were admitted`);
      assert.equal(world.provider.requestCount(), admitted);
      assert.ok(world.provider.billedNanoUsd() <= 10_000_000);
      assert.ok((await balance(world.guard)).charged <= 10_000_000);
      await assertBooks(world);
    },
    { budgets: ["$0.01/day"] },
  );

  scenario(
    "a required evaluator that fails withholds the answer, after the money is committed",
    async (world) => {
      const refusal = await refusalOf(() => world.driver.generate({ prompt: "hi" }));
      assert.equal(refusal.code, "BR6001");
      assert.equal(onlyRecord(world).costNanoUsd, world.provider.billedNanoUsd());
      await assertBooks(world);
    },
    {
      evaluators: [
        { name: "never", on: "model", required: true, evaluate: () => ({ passed: false }) },
      ],
    },
  );
}

function sentLimit(world: ModelWorld): unknown {
  const body = world.provider.requests[0]?.receivedBody;
  return body?.["max_tokens"] ?? body?.["max_completion_tokens"] ?? body?.["max_output_tokens"];
}
