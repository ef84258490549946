import { strict as assert } from "node:assert";
import { setTimeout } from "node:timers/promises";
import { findGuardError } from "../../errors/find-guard-error.ts";
import type { GuardOptions } from "../../guard/options.ts";
import type { Behaviour, ReplyBehaviour } from "../fake-provider/behaviour.ts";
import { consume, openStream } from "./consumption.ts";
import type { ModelContractOptions } from "./driver.ts";
import { assertBooks, assertSwept, inModelWorld, type ModelWorld } from "./model-world.ts";
import { onlyRecord, until } from "./world.ts";

/** Four chunks of four characters each. */
const TEXT = "aaaabbbbccccdddd";
const CHUNKS = 4;
const CHUNK_LENGTH = 4;
const PROMPT = { prompt: "hello there" } as const;

/** What holds for every hook on streams: each way in which one can end settles it. */
export function streamCases(contract: ModelContractOptions): void {
  const scenario = (
    name: string,
    run: (world: ModelWorld) => Promise<void>,
    options?: GuardOptions,
  ): void => contract.test(name, () => inModelWorld(contract, run, options));

  scenario("a finished stream is charged once, to the nano-dollar", async (world) => {
    world.provider.next({ kind: "reply", text: TEXT });
    const stream = consume(world.driver, PROMPT);
    await stream.end;
    assert.equal(stream.error, undefined);
    assert.equal(stream.text, TEXT);
    await assertBooks(world);
    const record = onlyRecord(world);
    assert.equal(record.outcome, "success");
    assert.equal(record.usageSource, "provider");
    assert.equal(record.costNanoUsd, world.provider.billedNanoUsd());
    assert.notEqual(record.timeToFirstTokenMs, undefined, "its first output was reported");
  });

  scenario("chunks are handed on as they come", async (world) => {
    world.provider.next(heldBefore(1));
    const stop = new AbortController();
    const stream = consume(world.driver, { ...PROMPT, signal: stop.signal });
    await until("the first chunk arrived", () => stream.text.length >= CHUNK_LENGTH);
    stop.abort();
    await stream.end;
    await assertBooks(world);
  });

  for (const reason of ["budget", "kill"] as const) {
    const options = reason === "budget" ? { budgets: ["$0.0000001/day"] } : undefined;
    scenario(
      `a stream refused by ${reason} sends nothing`,
      (world) => refused(world, reason),
      options,
    );
  }

  scenario("a stream without usage is charged in full", async (world) => {
    world.provider.next({ kind: "reply", text: TEXT, usage: "omit" });
    await consume(world.driver, PROMPT).end;
    await assertBooks(world);
    const record = onlyRecord(world);
    assert.equal(record.usageSource, "estimated");
    assert.equal(record.costNanoUsd, record.reservedNanoUsd);
  });

  const broken: readonly (readonly [string, Behaviour])[] = [
    ["an error part", { kind: "error-part", text: TEXT, afterChunks: 2 }],
    ["a cut connection", { kind: "cut", text: TEXT, afterChunks: 2 }],
  ];
  for (const [what, behaviour] of broken) {
    scenario(`a stream that ends with ${what} is charged and is no success`, async (world) => {
      world.provider.next(behaviour);
      const stream = consume(world.driver, PROMPT);
      await stream.end;
      assert.notEqual(stream.error, undefined, "the consumer hears of it");
      assert.equal(findGuardError(stream.error), undefined);
      await assertBooks(world);
      assert.notEqual(onlyRecord(world).outcome, "success");
    });
  }

  for (let chunk = 0; chunk <= CHUNKS; chunk += 1) {
    const when = chunk === 0 ? "before the first chunk" : `after chunk ${chunk}`;
    scenario(`the caller's abort ${when} settles the stream`, async (world) => {
      world.provider.next(heldBefore(chunk));
      const stop = new AbortController();
      const stream = consume(world.driver, { ...PROMPT, signal: stop.signal });
      await world.provider.waitForRequests(1);
      await until("the chunks arrived", () => stream.text.length >= chunk * CHUNK_LENGTH);
      stop.abort();
      await stream.end;
      // Who never hears of the abort has one way left to know: nobody reads on.
      if (chunk > 0 && contract.seesAborts === false) return await assertSwept(world);
      await assertBooks(world);
      assert.equal(onlyRecord(world).outcome, "aborted");
    });
  }

  if (contract.abortsCalls !== false) {
    scenario("a kill cuts the stream, settles the part, and the next call is refused", killed);
  }

  scenario("a consumer that walks away leaves nothing held", async (world) => {
    world.provider.next({ kind: "reply", text: TEXT });
    for await (const piece of await openStream(world.driver, PROMPT)) {
      if (piece !== "") break;
    }
    await assertSwept(world);
  });

  scenario("a stream that nobody reads is swept", async (world) => {
    world.provider.next({ kind: "reply", text: TEXT });
    await openStream(world.driver, PROMPT);
    // A framework may send only once it is read; then there is nothing to sweep.
    for (let poll = 0; poll < 250 && world.provider.requestCount() === 0; poll += 1) {
      await setTimeout(1);
    }
    await assertSwept(world);
  });

  scenario(
    "a required evaluator that fails is heard at the end of the stream",
    async (world) => {
      world.provider.next({ kind: "reply", text: TEXT });
      const stream = consume(world.driver, PROMPT);
      await stream.end;
      assert.equal(findGuardError(stream.error)?.code, "BR6001");
      await assertBooks(world);
      assert.equal(onlyRecord(world).costNanoUsd, world.provider.billedNanoUsd());
    },
    {
      evaluators: [
        { name: "never", on: "model", required: true, evaluate: () => ({ passed: false }) },
      ],
    },
  );
}

async function refused(world: ModelWorld, reason: "budget" | "kill"): Promise<void> {
  if (reason === "kill") {
    await world.guard.kill("everything", { reason: "contract", by: "contract", level: "stop" });
  }
  const stream = consume(world.driver, PROMPT);
  await stream.end;
  const code = reason === "kill" ? "BR1001" : "BR2001";
  assert.equal(findGuardError(stream.error)?.code, code);
  assert.equal(world.provider.requestCount(), 0, "nothing was sent");
  await assertBooks(world);
}

async function killed(world: ModelWorld): Promise<void> {
  world.provider.next(heldBefore(2));
  const stream = consume(world.driver, PROMPT);
  await until("two chunks arrived", () => stream.text.length >= 2 * CHUNK_LENGTH);
  await world.guard.kill("everything", { reason: "contract", by: "contract", level: "abort" });
  await stream.end;
  assert.equal(findGuardError(stream.error)?.code, "BR1001");
  await assertBooks(world);
  assert.equal(onlyRecord(world).outcome, "killed");
  const next = consume(world.driver, PROMPT);
  await next.end;
  assert.equal(findGuardError(next.error)?.code, "BR1001");
  assert.equal(world.provider.requestCount(), 1, "the next call was not sent");
}

/** Holds the answer before a chunk until the client goes away. */
function heldBefore(chunk: number): ReplyBehaviour {
  const never = new Promise<void>(() => undefined);
  return {
    kind: "reply",
    text: TEXT,
    chunks: CHUNKS,
    beforeChunk: (index) => (index === chunk ? never : undefined),
  };
}
