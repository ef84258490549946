import type { Guard } from "@burnrate/core";
import type { ChatOpenAI } from "@langchain/openai";
import { describe, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardModel } from "./guard-model.ts";
import {
  chat,
  drain,
  money,
  provider,
  thrownBy,
  watchedGuard,
  withoutBackoff,
} from "./test-fixture.ts";

const fake = await provider();
withoutBackoff();

/** How an attempt fails, and whether the provider bills it. */
const faults = {
  "429": () => fake.next({ kind: "fail", status: 429 }),
  "500": () => fake.next({ kind: "fail", status: 500 }),
  timeout: () => fake.next({ kind: "stall" }),
  "connection reset": () => fake.next({ kind: "cut", afterChunks: 0 }),
} as const;

/** Every combination, as a row of a table. */
const rows = Object.keys(faults).flatMap((fault) =>
  [0, 1].flatMap((retries) =>
    [false, true].flatMap((fallback) =>
      [false, true].map((streamed) => ({ fault, retries, fallback, streamed })),
    ),
  ),
);
type Row = (typeof rows)[number];

const modelOf = ({ retries, fault }: Row): ChatOpenAI =>
  chat(fake, { maxRetries: retries, ...(fault === "timeout" ? { timeout: 150 } : {}) });

async function ask(row: Row, guard: Guard, hook: "model" | "callback"): Promise<unknown> {
  const wrap = (model: ChatOpenAI) => (hook === "model" ? guardModel(model, guard) : model);
  const callbacks = hook === "callback" ? [guardCallback(guard)] : [];
  const first = wrap(modelOf(row));
  const runnable = row.fallback ? first.withFallbacks([wrap(chat(fake))]) : first;
  if (!row.streamed) return runnable.invoke("hi", { callbacks });
  return drain(await runnable.stream("hi", { callbacks }));
}

/** LangChain repeats neither a 429 without a date nor a stream that has begun. */
function attemptsOf({ fault, retries, fallback, streamed }: Row): number {
  if (fault === "connection reset" && streamed) return 1;
  const isRepeated = retries > 0 && fault !== "429";
  return isRepeated || fallback ? 2 : 1;
}

/** One charge for each billed attempt: exact where the provider said, else at least its bill. */
async function expectOneChargeEach(row: Row, hook: "model" | "callback"): Promise<void> {
  const { guard, records } = watchedGuard();
  const attempts = attemptsOf(row);
  faults[row.fault as keyof typeof faults]();
  const run = () => ask(row, guard, hook);
  await (attempts > 1 ? run() : thrownBy(run));
  await fake.idle();
  expect([fake.requestCount(), records.length]).toEqual([attempts, attempts]);
  const [failed = 0, answered] = fake.requests.map(({ billedNanoUsd }) => billedNanoUsd);
  if (failed === 0) expect(records[0]?.costNanoUsd).toBe(0);
  else expect(records[0]?.costNanoUsd).toBeGreaterThanOrEqual(failed);
  expect(records[1]?.costNanoUsd).toBe(answered);
  const charged = records.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0);
  expect(await money(guard)).toEqual({ held: 0, spent: charged });
}

describe("an attempt that fails", () => {
  test.each(rows)(
    "is one charge with guardModel: $fault, $retries client retries, fallback $fallback, streamed $streamed",
    (row) => expectOneChargeEach(row, "model"),
  );

  test.each(rows.filter(({ retries }) => retries === 0))(
    "is one charge with guardCallback: $fault, fallback $fallback, streamed $streamed",
    (row) => expectOneChargeEach(row, "callback"),
  );
});
