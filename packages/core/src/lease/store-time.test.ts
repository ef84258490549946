import { expect, it } from "vitest";
import { createFakeClock } from "../testing/fake-clock.ts";
import { StoreTime } from "./store-time.ts";

it("takes the time from quick answers, and not from one that took a minute", () => {
  const clock = createFakeClock(1_000_000);
  const time = new StoreTime(clock, "store");
  time.learn(5_000_000, time.moment());
  const sent = time.moment();
  clock.advance(60_000);
  time.learn(5_060_000, sent); // said at the end of the minute, and not in its middle
  expect(time.nowMs()).toBe(5_060_000);
});

it("does not take the time from an answer that came while the machine slept", () => {
  const clock = createFakeClock(1_000_000);
  const time = new StoreTime(clock, "store");
  time.learn(5_000_000, time.moment());
  const sent = time.moment();
  clock.advance(3_600_000);
  time.learn(5_000_000, sent); // an hour old
  expect(time.nowMs()).toBe(8_600_000);
});
