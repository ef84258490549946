import { expect, it, test } from "vitest";
import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { outboxContract } from "../testing/store-contract/outbox-contract.ts";
import { createMemoryOutbox } from "./memory-outbox.ts";

const HOUR_MS = 3_600_000;
const clock = createFakeClock();

outboxContract({
  test,
  create: () => createMemoryOutbox(clock),
  passTime: clock.advance,
  nowMs: clock.wallMs,
});

function messageOf(id: string) {
  return { id, topic: "alerts", body: "", dueAtMs: clock.wallMs() };
}

it("refuses new messages when it is full, all of them or none", async () => {
  const outbox = createMemoryOutbox(clock, 3);
  await outbox.add([messageOf("a"), messageOf("b")]);
  expect(() => outbox.add([messageOf("c"), messageOf("d")])).toThrow(StoreUnavailableError);
  expect(outbox.waiting("alerts")).toBe(2);
  await outbox.add([messageOf("a"), messageOf("c")]);
  await outbox.done(["b"]);
  await outbox.add([messageOf("d")]);
  expect(outbox.waiting("alerts")).toBe(3);
});

it("remembers what was delivered for a day, and not for ever", async () => {
  const outbox = createMemoryOutbox(clock);
  await outbox.add([messageOf("a")]);
  await outbox.done(["a"]);
  clock.advance(25 * HOUR_MS);
  await outbox.add([messageOf("a"), messageOf("b")]);
  expect(outbox.waiting("alerts")).toBe(1);
  clock.advance(25 * HOUR_MS);
  await outbox.done(["b"]);
  await outbox.add([messageOf("a"), messageOf("b")]);
  expect(outbox.waiting("alerts")).toBe(1);
});
