import { describe, expect, it } from "vitest";
import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import { createBatchingLedger, type LedgerOperation } from "./batching-ledger.ts";
import type { Ledger } from "./ledger.ts";

/** One round trip that the test answers. */
interface RoundTrip {
  readonly asked: readonly (readonly string[])[];
  readonly methods: readonly string[];
  answer(): Promise<void>;
  fail(reason: string): Promise<void>;
}

/** A ledger whose round trips end when the test says so. Ids say what was asked. */
class Trial {
  readonly trips: RoundTrip[] = [];
  readonly ledger: Ledger;
  opened = 0;
  closed = 0;
  /** What opening the store does. */
  open: () => Promise<void> = async () => {};

  constructor(maxItems?: number) {
    this.ledger = createBatchingLedger({
      windows: "store",
      ...(maxItems === undefined ? {} : { maxItems }),
      ready: () => {
        this.opened++;
        return this.open();
      },
      run: (operations) => this.#run(operations),
      close: () => {
        this.closed++;
      },
    });
  }

  /** Asks about some ids; gives back what the store said of each. */
  async ask(...ids: string[]): Promise<readonly unknown[]> {
    return (await this.ledger.dispatch(ids)).results;
  }

  #run(operations: readonly LedgerOperation[]) {
    const { promise, resolve, reject } = Promise.withResolvers<ReturnType<typeof repliesTo>>();
    this.trips.push({
      asked: operations.map(idsOf),
      methods: operations.map(({ method }) => method),
      answer: async () => {
        resolve(repliesTo(operations));
        await settled();
      },
      fail: async (reason) => {
        reject(new Error(reason));
        await settled();
      },
    });
    return promise;
  }
}

function repliesTo(operations: readonly LedgerOperation[]) {
  return operations.map((operation) => ({ killEpoch: 7, results: idsOf(operation) }));
}

function idsOf({ batch }: LedgerOperation): string[] {
  return batch.map((item) =>
    typeof item === "string" ? item : "id" in item ? item.id : "account" in item ? "?" : item.key,
  );
}

/** Lets everything go on that does not wait for the test. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** What became of a question; `waiting` as long as it has no answer. */
function outcomeOf(question: Promise<unknown>): { readonly now: () => unknown } {
  let outcome: unknown = "waiting";
  question.then(
    (answer) => {
      outcome = answer;
    },
    (error: unknown) => {
      outcome = error instanceof Error ? error.message : error;
    },
  );
  return { now: () => outcome };
}

describe("what is asked", () => {
  it("at once goes out together, in order, and each gets its own answer", async () => {
    const trial = new Trial();
    const first = outcomeOf(trial.ask("a", "b"));
    const ends = trial.ledger.settle([{ id: "c", as: "released", amounts: [] }]);
    const second = outcomeOf(Promise.resolve(ends));
    const third = outcomeOf(trial.ask("d"));
    await settled();
    expect(trial.trips).toHaveLength(1);
    expect(trial.trips[0]?.asked).toEqual([["a", "b"], ["c"], ["d"]]);
    expect(trial.trips[0]?.methods).toEqual(["dispatch", "settle", "dispatch"]);
    await trial.trips[0]?.answer();
    expect(first.now()).toEqual(["a", "b"]);
    expect(second.now()).toEqual({ killEpoch: 7, results: ["c"] });
    expect(third.now()).toEqual(["d"]);
  });

  it("during a round trip goes out together with the next one", async () => {
    const trial = new Trial();
    const first = outcomeOf(trial.ask("a"));
    await settled();
    const later = ["b", "c", "d"].map((id) => outcomeOf(trial.ask(id)));
    await settled();
    expect(trial.trips).toHaveLength(1);
    await trial.trips[0]?.answer();
    expect(first.now()).toEqual(["a"]);
    expect(trial.trips[1]?.asked).toEqual([["b", "c", "d"]]);
    expect(later.map((one) => one.now())).toEqual(["waiting", "waiting", "waiting"]);
    await trial.trips[1]?.answer();
    expect(later.map((one) => one.now())).toEqual([["b"], ["c"], ["d"]]);
  });

  it("is no more than the store takes at once, and stays in order", async () => {
    const trial = new Trial(3);
    const asked = [["a", "b"], ["c"], ["d"], ["e", "f", "g", "h", "i"], ["j"]];
    const answers = Promise.all(asked.map((ids) => trial.ask(...ids)));
    for (let trip = 0; trip < 4; trip++) {
      await settled();
      await trial.trips[trip]?.answer();
    }
    expect(trial.trips.map((trip) => trip.asked)).toEqual([
      [["a", "b", "c"]],
      [["d"]],
      [["e", "f", "g", "h", "i"]],
      [["j"]],
    ]);
    expect(await answers).toEqual(asked);
  });

  it("by neighbours goes out as one operation, and each gets its own items", async () => {
    const trial = new Trial();
    const asked = [["a"], [], ["b", "c"], ["d"]];
    const answers = Promise.all(asked.map((ids) => trial.ask(...ids)));
    const looks = [1, 1, 2].map((atMs) => trial.ledger.balances([], atMs));
    await settled();
    expect(trial.trips[0]?.asked).toEqual([["a", "b", "c", "d"], [], []]);
    expect(trial.trips[0]?.methods).toEqual(["dispatch", "balances", "balances"]);
    await trial.trips[0]?.answer();
    expect(await answers).toEqual(asked);
    for (const look of looks) expect(await look).toEqual({ killEpoch: 7, results: [] });
  });

  it("with an empty batch is answered by the store too: its reply tells of kills", async () => {
    const trial = new Trial(1);
    const [one, two] = [outcomeOf(trial.ask()), outcomeOf(trial.ask())];
    await settled();
    await trial.trips[0]?.answer();
    expect([one.now(), two.now()]).toEqual([[], "waiting"]);
    await trial.trips[1]?.answer();
    expect(two.now()).toEqual([]);
  });
});

describe("a round trip that fails", () => {
  it("fails what was in it, and nothing else", async () => {
    const trial = new Trial(2);
    const lost = ["a", "b"].map((id) => outcomeOf(trial.ask(id)));
    const kept = outcomeOf(trial.ask("c"));
    await settled();
    await trial.trips[0]?.fail("the cable is out");
    expect(lost.map((one) => one.now())).toEqual(["the cable is out", "the cable is out"]);
    expect(kept.now()).toBe("waiting");
    await trial.trips[1]?.answer();
    expect(kept.now()).toEqual(["c"]);
    const next = outcomeOf(trial.ask("d"));
    await settled();
    await trial.trips[2]?.answer();
    expect(next.now()).toEqual(["d"]);
  });
});

describe("opening the store", () => {
  it("happens once, before the first question, for everyone who waits", async () => {
    const trial = new Trial();
    const { promise, resolve } = Promise.withResolvers<void>();
    trial.open = () => promise;
    const ready = outcomeOf(Promise.resolve(trial.ledger.ready()).then(() => "ready"));
    const answer = outcomeOf(trial.ask("a"));
    await settled();
    expect(trial.trips).toHaveLength(0);
    resolve();
    await settled();
    expect(ready.now()).toBe("ready");
    await trial.trips[0]?.answer();
    expect(answer.now()).toEqual(["a"]);
    await trial.ledger.ready();
    expect(trial.opened).toBe(1);
  });

  it("that fails is tried again by whoever asks next", async () => {
    const trial = new Trial();
    trial.open = () => Promise.reject(new Error("nobody is at home"));
    const [ready, answer] = [
      outcomeOf(Promise.resolve(trial.ledger.ready())),
      outcomeOf(trial.ask("a")),
    ];
    await settled();
    expect([ready.now(), answer.now()]).toEqual(["nobody is at home", "nobody is at home"]);
    trial.open = async () => {};
    const next = outcomeOf(trial.ask("b"));
    await settled();
    await trial.trips[0]?.answer();
    expect(next.now()).toEqual(["b"]);
    expect(trial.trips.map((trip) => trip.asked)).toEqual([[["b"]]]);
  });
});

describe("closing", () => {
  it("waits for what was asked, and takes nothing more", async () => {
    const trial = new Trial(1);
    const asked = [outcomeOf(trial.ask("a")), outcomeOf(trial.ask("b"))];
    const done = outcomeOf(Promise.resolve(trial.ledger.close()).then(() => "closed"));
    await expect(trial.ask("late")).rejects.toThrow(StoreUnavailableError);
    await settled();
    expect([trial.closed, done.now()]).toEqual([0, "waiting"]);
    await trial.trips[0]?.answer();
    expect([trial.closed, done.now()]).toEqual([0, "waiting"]);
    await trial.trips[1]?.answer();
    expect(asked.map((one) => one.now())).toEqual([["a"], ["b"]]);
    expect([trial.closed, done.now()]).toEqual([1, "closed"]);
    await trial.ledger.close();
    expect(trial.closed).toBe(1);
  });

  it("waits for a store that is being opened, and never opens it again", async () => {
    const trial = new Trial();
    const { promise, resolve } = Promise.withResolvers<void>();
    trial.open = () => promise;
    const ready = outcomeOf(Promise.resolve(trial.ledger.ready()).then(() => "ready"));
    const done = outcomeOf(Promise.resolve(trial.ledger.close()).then(() => "closed"));
    await settled();
    expect([trial.closed, done.now()]).toEqual([0, "waiting"]);
    resolve();
    await settled();
    expect([ready.now(), done.now(), trial.closed]).toEqual(["ready", "closed", 1]);
    expect(trial.opened).toBe(1);
  });

  it("a store that was never opened opens it not", async () => {
    const trial = new Trial();
    await trial.ledger.close();
    await expect(trial.ledger.ready()).rejects.toThrow(StoreUnavailableError);
    expect([trial.opened, trial.closed]).toEqual([0, 1]);
  });
});
