import { isGuardError } from "../errors/guard-error.ts";
import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import type { LedgerReply } from "../ledger/ledger.ts";
import type { Clock } from "../ports/clock.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { Moment, StoreTime } from "./store-time.ts";

/** A store that is silent for this long counts as down. */
const SILENCE_MS = 2_000;
/**
 * One that answers other questions meanwhile has more to do than it can: so long it is waited for.
 */
const DEADLINE_MS = 8_000;
/**
 * A look that comes so much too late was held up by the process itself: the answer may be there, and
 * nobody has read it.
 */
const STALLED_MS = 100;
/** While the store is down it is asked no more often than this. */
const PROBE_EVERY_MS = 1_000;

/** A reply, and when it was asked for. */
export interface Answer<T> {
  readonly reply: LedgerReply<T>;
  readonly sent: Moment;
}

/** The one way to the store: knows whether it is down, what time it has, and its newest kill. */
export class StoreLink {
  /** Since the last question failed, until one is answered. */
  down = false;
  /** Why, in the store's own words; undefined when it said nothing, or nothing of ours. */
  reason: string | undefined;
  killEpoch = 0;
  readonly #clock: Clock;
  readonly #time: StoreTime;
  readonly #onKillEpoch: (epoch: number) => void;
  #failedMs = Number.NEGATIVE_INFINITY;
  #answeredMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, time: StoreTime, onKillEpoch: (epoch: number) => void) {
    this.#clock = clock;
    this.#time = time;
    this.#onKillEpoch = onKillEpoch;
  }

  /** Whether it is time to ask a store again that was down. */
  get mayProbe(): boolean {
    return this.#clock.monotonicMs() - this.#failedMs >= PROBE_EVERY_MS;
  }

  /**
   * Asks the store. `onLate` gets an answer that came after nobody waited any more.
   * @throws {StoreUnavailableError} `BR8001` when it fails, or is silent for two seconds in which
   *   this process could have heard it.
   */
  ask<T>(
    question: () => MaybePromise<LedgerReply<T>>,
    onLate: (answer: Answer<T>) => void = () => {},
  ): Promise<Answer<T>> {
    const sent = this.#time.moment();
    return new Promise((resolve, reject) => {
      let late = false;
      const fail = (error?: unknown): void => {
        if (late && !this.down) return; // it has answered others since
        late = true;
        cancel();
        this.#failed(error);
        reject(isGuardError(error) ? error : unavailable());
      };
      let cancel = this.#clock.setTimer(() => look(), SILENCE_MS);
      let dueMs = sent.monotonicMs + SILENCE_MS;
      let wasStalled = false;
      const look = (): void => {
        const nowMs = this.#clock.monotonicMs();
        const stalledMs = wasStalled ? 0 : nowMs - dueMs;
        wasStalled = stalledMs > STALLED_MS;
        const patienceMs = Math.min(
          Math.max(this.#answeredMs, sent.monotonicMs) + SILENCE_MS - nowMs,
          sent.monotonicMs + DEADLINE_MS - nowMs,
        );
        const waitMs = wasStalled ? Math.min(stalledMs, SILENCE_MS) : patienceMs;
        dueMs = nowMs + waitMs;
        if (waitMs > 0) cancel = this.#clock.setTimer(look, waitMs);
        else fail();
      };
      (async () => question())().then((reply) => {
        cancel();
        this.#answered(reply, sent);
        if (late) onLate({ reply, sent });
        else resolve({ reply, sent });
      }, fail);
    });
  }

  #failed(error: unknown): void {
    this.down = true;
    this.reason = isGuardError(error) ? error.message.replace(/^BR\d{4} /, "") : undefined;
    this.#failedMs = this.#clock.monotonicMs();
  }

  #answered({ nowMs, killEpoch }: LedgerReply<unknown>, sent: Moment): void {
    this.down = false;
    this.#answeredMs = this.#clock.monotonicMs();
    this.#time.learn(nowMs, sent);
    this.killEpoch = Math.max(this.killEpoch, killEpoch);
    this.#onKillEpoch(killEpoch); // each time: a look at the log may have failed
  }
}

function unavailable(): StoreUnavailableError {
  return new StoreUnavailableError({
    message:
      "the store did not answer, so what is left of the budgets is not known: refused. Mend the store, or choose onStoreOutage for the budget.",
    scope: "store",
  });
}
