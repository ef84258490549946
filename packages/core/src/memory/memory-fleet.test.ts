import { expect, it, test } from "vitest";
import { createFakeClock } from "../testing/fake-clock.ts";
import { fleetContract } from "../testing/store-contract/fleet-contract.ts";
import { createMemoryFleet } from "./memory-fleet.ts";

const MINUTE_MS = 60_000;
const clock = createFakeClock();

fleetContract({
  test,
  create: () => createMemoryFleet(clock),
  passTime: clock.advance,
  nowMs: clock.wallMs,
});

it("keeps acknowledgements for minutes, and not for ever", async () => {
  const fleet = createMemoryFleet(clock);
  const acknowledge = (killId: string) => fleet.acknowledge({ killId, process: "p", aborted: 1 });
  await acknowledge("early");
  clock.advance(5 * MINUTE_MS);
  await acknowledge("late");
  expect(fleet.acknowledgements("early")).toHaveLength(1);
  clock.advance(6 * MINUTE_MS);
  await acknowledge("later");
  expect(fleet.acknowledgements("early")).toHaveLength(0);
  expect(fleet.acknowledgements("late")).toHaveLength(1);
});

it("remembers a thousand processes: the first that would be taken for dead makes room", async () => {
  const fleet = createMemoryFleet(clock);
  await fleet.beat("first to die", 30 * MINUTE_MS);
  for (let index = 1; index <= 1_000; index++) await fleet.beat(`p-${index}`, 60 * MINUTE_MS);
  expect(fleet.living()).toHaveLength(1_000);
  expect(fleet.living()).not.toContain("first to die");
});

it("remembers the newest thousand kills", async () => {
  const fleet = createMemoryFleet(clock);
  for (let index = 0; index <= 1_000; index++) {
    await fleet.acknowledge({ killId: `k-${index}`, process: "p", aborted: 0 });
  }
  expect(fleet.acknowledgements("k-0")).toHaveLength(0);
  expect(fleet.acknowledgements("k-1")).toHaveLength(1);
  expect(fleet.acknowledgements("k-1000")).toHaveLength(1);
});
