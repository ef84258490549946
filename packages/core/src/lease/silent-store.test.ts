import { describe, expect, it } from "vitest";
import type { Clock, Ledger, LedgerReply } from "../index.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { createLeasedLedger } from "./leased-ledger.ts";
import { StoreLink } from "./store-link.ts";
import { StoreTime } from "./store-time.ts";

/** A leasing ledger on a store of which one method never ends, once it was asked. */
function openLedger(silent: "ready" | "close") {
  const clock = createFakeClock();
  const state = { isAsked: false };
  const hang = (): Promise<void> => {
    state.isAsked = true;
    return new Promise(() => {});
  };
  const given: Ledger = { ...new SlowDatabase().connect().ledger, [silent]: hang };
  const ignore = (): void => {};
  const listeners = { onKillEpoch: ignore, onSpent: ignore, onChange: ignore };
  const ledger = createLeasedLedger({ ledger: given, clock, ...listeners });
  /** Once the store was asked, so much time passes. */
  const passAsked = async (ms: number): Promise<void> => {
    await expect.poll(() => state.isAsked).toBe(true);
    clock.advance(ms);
  };
  return { ledger, passAsked };
}

it("a store that does not open within fifteen seconds counts as down", async () => {
  const { ledger, passAsked } = openLedger("ready");
  const refused = expect(ledger.ready()).rejects.toMatchObject({ code: "BR8001" });
  await passAsked(15_000);
  await refused;
});

it("a store that does not close within ten seconds is left to itself", async () => {
  const { ledger, passAsked } = openLedger("close");
  await ledger.ready();
  const closed = Promise.resolve(ledger.close());
  await passAsked(10_000);
  await expect(closed).resolves.toBeUndefined();
});

it("a store that has answered since is not down because an old question fails at last", async () => {
  const clock = createFakeClock();
  const link = new StoreLink(clock, new StoreTime(clock, "guard"), () => {});
  let failAtLast = (): void => {};
  const asked = link.ask(
    () =>
      new Promise<never>((_, reject) => {
        failAtLast = () => reject(new Error("connection reset"));
      }),
  );
  clock.advance(2_000);
  await expect(asked).rejects.toMatchObject({ code: "BR8001" });
  await link.ask(() => ({ killEpoch: 0, results: [] }));
  failAtLast();
  await new Promise((resolve) => setImmediate(resolve));
  expect(link.down).toBe(false);
});

describe("a process that stood still itself", () => {
  /** A question, and a clock whose timers are called when the process comes to it. */
  function ask() {
    let nowMs = 0;
    let look = (): void => {};
    const clock: Clock = {
      wallMs: () => nowMs,
      monotonicMs: () => nowMs,
      setTimer: (callback) => {
        look = callback;
        return () => {};
      },
    };
    const link = new StoreLink(clock, new StoreTime(clock, "guard"), () => {});
    const { promise, resolve } = Promise.withResolvers<LedgerReply<never>>();
    const asked = link.ask(() => promise);
    const lookAt = (ms: number): void => {
      nowMs = ms;
      look();
    };
    return { asked, lookAt, answer: () => resolve({ killEpoch: 0, results: [] }) };
  }

  it("hears an answer that came meanwhile", async () => {
    const { asked, lookAt, answer } = ask();
    lookAt(30_000);
    answer();
    await expect(asked).resolves.toMatchObject({ reply: { results: [] } });
  });

  it("waits no longer than two seconds more", async () => {
    const { asked, lookAt } = ask();
    lookAt(30_000);
    lookAt(32_000);
    await expect(asked).rejects.toMatchObject({ code: "BR8001" });
  });
});
