import { describe, expect, it } from "vitest";
import { type AccountRef, createMemoryStore, type Guard, type Store } from "../index.ts";
import { account, codeOf, model, setUp, spend, used } from "./test-fixture.ts";

type Calendar = "day" | "week" | "month";

const at = (text: string): number => Date.parse(text);

/** A budget of one call in each window: the second call of a window is refused. */
function oneCall(calendar: Calendar, timeZone: string, startMs: number, store?: Store) {
  const budget = { id: "b", limit: { calls: 1 }, window: { calendar, timeZone } };
  return setUp({ budgets: [budget], ...(store !== undefined && { store }) }, startMs);
}

async function call(guard: Guard): Promise<string> {
  return (await codeOf(spend(guard))) ?? "admitted";
}

describe("a calendar window", () => {
  it.each<[string, Calendar, string, string, string]>([
    // what, calendar, zone, its first instant, the first of the next
    ["a day in UTC", "day", "UTC", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"],
    ["a week from Monday", "week", "UTC", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"],
    ["a month of 31 days", "month", "UTC", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"],
    ["a month of 28 days", "month", "UTC", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"],
    ["February of a leap year", "month", "UTC", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"],
    ["December", "month", "UTC", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"],
    [
      "the 23 hours of a gap",
      "day",
      "Europe/Berlin",
      "2026-03-28T23:00:00Z",
      "2026-03-29T22:00:00Z",
    ],
    [
      "the 25 hours of an overlap",
      "day",
      "Europe/Berlin",
      "2026-10-24T22:00:00Z",
      "2026-10-25T23:00:00Z",
    ],
    [
      "the gap of New York",
      "day",
      "America/New_York",
      "2026-03-08T05:00:00Z",
      "2026-03-09T04:00:00Z",
    ],
    [
      "the overlap of New York",
      "day",
      "America/New_York",
      "2026-11-01T04:00:00Z",
      "2026-11-02T05:00:00Z",
    ],
    [
      "a gap of half an hour",
      "day",
      "Australia/Lord_Howe",
      "2026-10-03T13:30:00Z",
      "2026-10-04T13:00:00Z",
    ],
    [
      "an overlap of half an hour",
      "day",
      "Australia/Lord_Howe",
      "2026-04-04T13:00:00Z",
      "2026-04-05T13:30:00Z",
    ],
    [
      "a day of a half-hour zone",
      "day",
      "Asia/Kolkata",
      "2026-06-30T18:30:00Z",
      "2026-07-01T18:30:00Z",
    ],
    [
      "a month of a half-hour zone",
      "month",
      "Asia/Kolkata",
      "2026-05-31T18:30:00Z",
      "2026-06-30T18:30:00Z",
    ],
    [
      "a day of a quarter-hour zone",
      "day",
      "Asia/Kathmandu",
      "2026-06-30T18:15:00Z",
      "2026-07-01T18:15:00Z",
    ],
    [
      "a month with a gap in it",
      "month",
      "Europe/Berlin",
      "2026-02-28T23:00:00Z",
      "2026-03-31T22:00:00Z",
    ],
    [
      "a day without midnight",
      "day",
      "America/Havana",
      "2026-03-08T05:00:00Z",
      "2026-03-09T04:00:00Z",
    ],
  ])("is half-open: %s", async (_, calendar, timeZone, startsAt, endsAt) => {
    const { guard, clock } = oneCall(calendar, timeZone, at(startsAt) - 1);
    expect(await call(guard)).toBe("admitted");
    expect((await account(guard)).resetsAt).toBe(at(startsAt));
    clock.advance(1);
    expect(await call(guard)).toBe("admitted");
    expect((await account(guard)).resetsAt).toBe(at(endsAt));
    clock.advance(at(endsAt) - at(startsAt) - 1);
    expect(await call(guard)).toBe("BR2001");
    clock.advance(1);
    expect(await call(guard)).toBe("admitted");
  });

  it("does not start again when the clock goes back an hour in an overlap", async () => {
    const { guard, clock } = oneCall("day", "Europe/Berlin", at("2026-10-25T00:30:00Z"));
    expect(await call(guard)).toBe("admitted"); // 02:30 summer time
    clock.advance(3_600_000);
    expect(await call(guard)).toBe("BR2001"); // 02:30 again, winter time
  });

  it("is not refunded by a wall clock that steps back over midnight", async () => {
    const { guard, clock } = oneCall("day", "UTC", at("2026-01-02T00:00:00Z"));
    expect(await call(guard)).toBe("admitted");
    clock.setWall(at("2026-01-01T23:50:00Z"));
    expect(await call(guard)).toBe("BR2001");
    clock.setWall(at("2026-01-03T00:00:00Z"));
    expect(await call(guard)).toBe("admitted");
  });

  it("is empty again after many windows without a call", async () => {
    const { guard, clock } = oneCall("month", "UTC", at("2026-01-31T12:00:00Z"));
    expect(await call(guard)).toBe("admitted");
    clock.advance(400 * 86_400_000);
    expect(await account(guard)).toMatchObject({ settled: 0, state: "ok" });
    expect(await call(guard)).toBe("admitted");
  });
});

describe("a call across the boundary", () => {
  /** A store that remembers which accounts were asked for, so that closed windows can be read. */
  function watched() {
    const { ledger, killLog } = createMemoryStore();
    const refs = new Map<string, AccountRef>();
    const store: Store = {
      killLog,
      ledger: {
        ...ledger,
        reserve(batch) {
          for (const { accounts } of batch)
            for (const ref of accounts) refs.set(ref.windowKey, ref);
          return ledger.reserve(batch);
        },
      },
    };
    const read = async (windowKey: string) => {
      const ref = refs.get(windowKey);
      if (ref === undefined) throw new Error(`no account in ${windowKey}`);
      return (await ledger.balances([ref])).results[0];
    };
    return { store, read };
  }

  it("settles to the window in which it began, and leaves nothing held in either", async () => {
    const { store, read } = watched();
    const { guard, clock } = oneCall("day", "Asia/Kolkata", at("2026-01-01T18:29:00Z"), store);
    const permit = await guard.begin(model(1, 1));
    permit.dispatched();
    clock.advance(2 * 60_000);
    expect(await call(guard)).toBe("admitted");
    await permit.settle(used(1, 1));
    expect(await read("2026-01-01 calls")).toMatchObject({ settled: 1, held: 0 });
    expect(await read("2026-01-02 calls")).toMatchObject({ settled: 1, held: 0 });
  });

  it("that nobody ends is charged there as well", async () => {
    const { store, read } = watched();
    const { guard, clock } = oneCall("month", "UTC", at("2026-01-31T23:59:00Z"), store);
    (await guard.begin(model(1, 1))).dispatched();
    clock.advance(1_400_000);
    expect(await read("2026-01 calls")).toMatchObject({ unknown: 1, held: 0 });
    expect(await account(guard)).toMatchObject({ unknown: 0, settled: 0 });
  });
});

describe("a rolling window", () => {
  it.each([
    ["minute", 60_000],
    ["hour", 3_600_000],
  ])("of a %s forgets a call only once it is wholly outside", async (window, lengthMs) => {
    const { guard, clock } = setUp({ budgets: [`1 call/${window}`] });
    expect(await call(guard)).toBe("admitted");
    clock.advance(lengthMs - 1);
    expect(await call(guard)).toBe("BR2001");
    clock.advance(lengthMs / 60 + 1);
    expect(await call(guard)).toBe("admitted");
    expect((await account(guard)).resetsAt).toBeNull();
  });
});

describe("windows of tasks, sessions and single calls", () => {
  it("charge a nested task to the tasks around it", async () => {
    const { guard } = setUp({ budgets: ["1 call/task"] });
    const outer = guard.task({}, async () => {
      await guard.task({}, () => spend(guard));
      await guard.task({}, () => spend(guard));
    });
    expect(await codeOf(outer)).toBe("BR2001");
  });

  it("give each session its own, and calls without one a shared one, said once", async () => {
    const { guard } = setUp({ budgets: ["1 call/session"] });
    const warnings: string[] = [];
    guard.on("warning", ({ topic }) => warnings.push(topic));
    for (const session of ["s-1", "s-2"]) {
      expect(await guard.with({ session }, () => call(guard))).toBe("admitted");
      expect(await guard.with({ session }, () => call(guard))).toBe("BR2001");
    }
    expect([await call(guard), await call(guard)]).toEqual(["admitted", "BR2001"]);
    expect(warnings).toEqual(["budget-without-session:1 call/session"]);
  });

  it("bound each call by itself", async () => {
    const { guard } = setUp({ budgets: ["100 tokens/call"] });
    for (let index = 0; index < 3; index++) {
      expect(await codeOf(spend(guard, model(50, 50)))).toBeUndefined();
      expect(await codeOf(guard.begin(model(51, 50)))).toBe("BR2001");
    }
  });

  it("charge a sub-agent to the agents above it", async () => {
    const { guard } = setUp({ budgets: ["1 call/day per agent"] });
    const as = (agent: string) => guard.with({ agent }, () => call(guard));
    expect(await as("planner/reader")).toBe("admitted");
    expect(await as("planner/writer")).toBe("BR2001");
    expect(await as("planner2")).toBe("admitted");
  });
});

describe("a budget that means something else since the last deployment, on the same store", () => {
  const budget = { id: "b", limit: { calls: 5 }, window: "minute" as const };

  it("counts a whole hour once its window is one, though it was a minute", async () => {
    const store = createMemoryStore();
    const before = setUp({ budgets: [budget], store });
    for (let spent = 0; spent < 3; spent++) expect(await call(before.guard)).toBe("admitted");
    const { guard, clock } = setUp({ budgets: [{ ...budget, window: "hour" }], store });
    let admitted = 0;
    for (let minute = 0; minute < 59; minute++) {
      if ((await call(guard)) === "admitted") admitted++;
      clock.advance(60_000);
    }
    expect(admitted).toBe(5);
  });

  it("forgets after a minute once its window is one, though it was an hour", async () => {
    const store = createMemoryStore();
    const before = setUp({ budgets: [{ ...budget, window: "hour" }], store });
    for (let spent = 0; spent < 5; spent++) expect(await call(before.guard)).toBe("admitted");
    const { guard, clock } = setUp({ budgets: [budget], store });
    for (let minute = 0; minute < 5; minute++) {
      for (let spent = 0; spent < 5; spent++) expect(await call(guard)).toBe("admitted");
      expect(await call(guard)).toBe("BR2001");
      clock.advance(61_000);
    }
  });

  it("does not take dollars for calls", async () => {
    const store = createMemoryStore();
    const before = setUp({ budgets: [{ ...budget, limit: { usd: 1 } }], store });
    await spend(before.guard, model(1_000, 1));
    const { guard } = setUp({ budgets: [budget], store });
    expect(await account(guard)).toMatchObject({ unit: "calls", settled: 0, state: "ok" });
    expect(await call(guard)).toBe("admitted");
    expect(await account(before.guard)).toMatchObject({ unit: "usd", settled: 252_000 });
  });
});
