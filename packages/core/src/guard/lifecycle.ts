import { isGuardError } from "../errors/guard-error.ts";
import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import { followSource } from "../kill/follow-sources.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import type { Exporter } from "../ports/exporter.ts";
import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";
import type { GuardRuntime } from "./guard-runtime.ts";

/** Longest that an exporter may take to flush and close. */
const EXPORTER_TIMEOUT_MS = 5_000;

/** How long calls are refused before a store that could not be opened is tried again. */
const RETRY_AFTER_MS = 1_000;

const CLOSED: Refusal = {
  code: "BR8001",
  message: "this guard is closed. Make a new one with createGuard.",
  scope: "guard",
};

const STORE_DOWN: Refusal = {
  code: "BR8001",
  message: "the store could not be opened, so budgets and kills are unknown. Mend the store.",
  scope: "store",
};

/** A guard's opening and closing: nothing is admitted before the one and after the other. */
export class Lifecycle {
  /** Whether the ledger is ready and the kill log was read: no more waiting. */
  ready = false;
  readonly #guard: GuardRuntime;
  #opening: Promise<Refusal | undefined> | undefined;
  #failedMs: number | undefined;
  readonly #stopSources: (() => void)[] = [];
  #closing: Promise<void> | undefined;
  #closed = false;

  constructor(guard: GuardRuntime) {
    this.#guard = guard;
  }

  /**
   * Hears of the kills that come from outside, which need no store.
   * @throws {ConfigError} `BR9001` when a source gives no function that stops it; whatever it throws.
   */
  followSources(): void {
    const { killSwitch, options } = this.#guard;
    for (const source of options.killSources ?? []) {
      this.#stopSources.push(followSource(source, killSwitch, options.clock));
    }
  }

  /** Hears of them no more. */
  stopSources(): void {
    for (const stop of this.#stopSources) this.#stopSource(stop);
  }

  /**
   * Opens the store, and resolves once it is open; to the refusal of every call when it cannot be opened. A store
   * that was down is tried again, at most once a second.
   */
  opened(): Promise<Refusal | undefined> {
    const { clock } = this.#guard.options;
    if (this.#failedMs !== undefined && clock.monotonicMs() - this.#failedMs >= RETRY_AFTER_MS) {
      this.#failedMs = undefined;
      this.#opening = undefined;
    }
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /**
   * While a guard closes, what its evaluators ask for still goes through, so that they can finish.
   * @throws {StoreUnavailableError} `BR8001` when it is too late for new calls.
   */
  refuseWhenClosed(purpose: "agent" | "evaluation"): void {
    if (this.closedTo(purpose) !== undefined) throw new StoreUnavailableError(CLOSED);
  }

  /** The same as a refusal, for calls that waited meanwhile. */
  closedTo(purpose: "agent" | "evaluation"): Refusal | undefined {
    if (this.#closing === undefined || (purpose === "evaluation" && !this.#closed))
      return undefined;
    return CLOSED;
  }

  /** The same promise however often it is asked. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Synchronous in memory, so that the first call waits for nothing. */
  #open(): Promise<Refusal | undefined> {
    try {
      const opening = this.#readKills(this.#guard.ledger.ready());
      if (isPromise(opening)) {
        return opening.then(() => this.#setReady()).catch((error) => this.#failed(error));
      }
      return Promise.resolve(this.#setReady());
    } catch (error) {
      return Promise.resolve(this.#failed(error));
    }
  }

  /** We are known to live before the log is read: a kill is in it by then, or waits for us. */
  #readKills(ledgerReady: MaybePromise<void>): MaybePromise<void> {
    if (isPromise(ledgerReady)) return ledgerReady.then(() => this.#readKills(undefined));
    const joined = this.#guard.fleet.join();
    return isPromise(joined) ? joined.then(() => this.#follow()) : this.#follow();
  }

  /** A guard that was closed meanwhile would hear of kills for ever. */
  #follow(): MaybePromise<void> {
    return this.#closed ? undefined : this.#guard.killSwitch.open();
  }

  #setReady(): undefined {
    this.ready = true;
  }

  /** What the store says itself is ours to repeat; a foreign error's text is not. */
  #failed(error: unknown): Refusal {
    this.#failedMs = this.#guard.options.clock.monotonicMs();
    return isGuardError(error)
      ? { ...STORE_DOWN, message: `the store could not be opened: ${error.message}` }
      : STORE_DOWN;
  }

  /** One that fails or hangs keeps nobody from closing. */
  #closeExporter(exporter: Exporter): Promise<void> {
    const { options, counters } = this.#guard;
    return new Promise((resolve) => {
      const failed = (): void => {
        counters.exporterErrors++;
        resolve();
      };
      const cancel = options.clock.setTimer(failed, EXPORTER_TIMEOUT_MS);
      flushAndClose(exporter)
        .then(resolve, failed)
        .finally(() => cancel());
    });
  }

  /** One that fails keeps no lease from being given back. */
  #stopSource(stop: () => void): void {
    try {
      stop();
    } catch {
      this.#guard.warnings.once("kill-source", "A kill source failed to stop. Mend its watch.");
    }
  }

  async #close(): Promise<void> {
    const { evaluations, options, counters, inFlight, killSwitch, ledger, fleet } = this.#guard;
    this.#guard.heldQueue.close(CLOSED);
    this.#guard.pacedQueue.close(CLOSED);
    this.#guard.deciding.close("agent", CLOSED);
    await evaluations.idle(); // they finish what they began
    this.#closed = true;
    this.#guard.deciding.close("evaluation", CLOSED);
    await Promise.all((options.exporters ?? []).map((exporter) => this.#closeExporter(exporter)));
    this.stopSources();
    await fleet.leave();
    inFlight.close();
    killSwitch.close();
    try {
      await ledger.close();
    } catch (error) {
      // What was spent and is not in the store is counted by the ledger itself.
      if ((ledger.dropped ?? 0) === 0) counters.settlementErrors++;
      if (isGuardError(error)) this.#guard.warnings.once("spending-lost", error.message);
    }
  }
}

async function flushAndClose(exporter: Exporter): Promise<void> {
  await exporter.flush?.();
  await exporter.close?.();
}
