import { type Behaviour, type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { describe, expect, test, vi } from "vitest";
import { guardModel } from "./guard-model.ts";
import { type WatchedGuard, watchedGuard } from "./test-fixture.ts";
import { GENERATIONS, type Settings } from "./testing/generations.ts";

/** What a provider does to the first attempt. */
const FAULTS: readonly (readonly [name: string, behaviour: Behaviour])[] = [
  ["429", { kind: "rate-limit", retryAfterSeconds: 0 }],
  ["500", { kind: "fail", status: 500 }],
  ["a connection reset before the answer", { kind: "cut", afterChunks: 0 }],
  ["a connection reset in the answer", { kind: "cut", afterChunks: 2, text: "one two three" }],
];

/** Each attempt that arrived has its record, in order, and none is charged less than its bill. */
async function expectBooks(fake: FakeProvider, { records, held }: WatchedGuard): Promise<void> {
  await fake.idle();
  await vi.waitFor(() => expect(records).toHaveLength(fake.requestCount()));
  expect(await held()).toBe(0);
  for (const [index, { billedNanoUsd }] of fake.requests.entries()) {
    const record = records[index];
    expect(record?.costNanoUsd).toBeGreaterThanOrEqual(billedNanoUsd);
    if (record?.outcome === "success") expect(record.costNanoUsd).toBe(billedNanoUsd);
  }
}

for (const { version, sdk, provider } of GENERATIONS) {
  const modes: Readonly<Record<string, (settings: Settings) => Promise<void>>> = {
    generate: async (settings) => void (await sdk.generateText(settings)),
    stream: async (settings) => {
      for await (const _ of sdk.streamText({ ...settings, onError: () => undefined }).fullStream);
    },
  };
  const cases = FAULTS.flatMap(([fault, behaviour]) =>
    Object.keys(modes).flatMap((mode) =>
      [0, 1].map((maxRetries) => ({ fault, behaviour, mode, maxRetries })),
    ),
  );

  // At the same time, because the SDK waits two seconds before it repeats what says no time.
  describe.concurrent(`one charge for each billed attempt on ai ${version}`, () => {
    test.each(cases)("$fault, $mode, retries: $maxRetries", async (one) => {
      const { behaviour, mode, maxRetries } = one;
      await using fake = await startFakeProvider();
      const watched = watchedGuard();
      const model = guardModel(provider(fake)("gpt-5-mini"), watched.guard);
      fake.script([behaviour]);
      await modes[mode]?.({ model, prompt: "hello", maxRetries }).catch(() => undefined);
      await expectBooks(fake, watched);
      if (maxRetries === 0) expect(fake.requestCount()).toBe(1);
    });

    test.each(Object.keys(modes))("a time-out, %s", async (mode) => {
      await using fake = await startFakeProvider();
      const watched = watchedGuard();
      const model = guardModel(provider(fake)("gpt-5-mini"), watched.guard);
      fake.script(() => ({ kind: "stall", afterChunks: 1, text: "one two" }));
      const clock = new AbortController(); // as AbortSignal.timeout, but never before the request
      const abortSignal = clock.signal;
      const run = modes[mode]?.({ model, prompt: "hello", maxRetries: 1, abortSignal });
      const ended = run?.catch(() => undefined);
      await fake.waitForRequests(1);
      clock.abort(new DOMException("Too slow.", "TimeoutError"));
      await ended;
      await expectBooks(fake, watched);
      expect(watched.records.map(({ outcome }) => outcome)).toEqual(["timeout"]);
    });
  });
}
