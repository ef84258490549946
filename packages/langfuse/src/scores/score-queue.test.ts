import { createFakeClock } from "@burnrate/core/testing";
import { expect, it } from "vitest";
import type { Score } from "./score.ts";
import { ScoreQueue } from "./score-queue.ts";
import type { Sent } from "./score-sender.ts";

const away: Sent = { kind: "later", reason: "503", retryAfterMs: undefined };
const busy = (retryAfterMs: number): Sent => ({ kind: "later", reason: "429", retryAfterMs });

it.each([
  [[away, busy(60_000)]],
  [[busy(60_000), away]],
  [[busy(2_000), busy(60_000)]],
  [[busy(60_000), busy(2_000)]],
])("of requests at once the longest pause that one asks for is kept to: %j", async (answers) => {
  const clock = createFakeClock(0);
  const sentAtMs: number[] = [];
  const left = [...answers];
  const send = async (): Promise<Sent> => {
    sentAtMs.push(clock.wallMs());
    return left.shift() ?? { kind: "accepted" };
  };
  const queue = new ScoreQueue(send, clock, 100, 5_000);
  for (const id of ["a", "b"]) queue.add({ id } as Score);
  for (let second = 0; second < 70; second++) {
    await new Promise(setImmediate);
    clock.advance(1_000);
  }
  expect(sentAtMs).toEqual([0, 0, 60_000, 60_000]);
  expect(queue.counts).toMatchObject({ sent: 2, waiting: 0, dropped: 0 });
});
