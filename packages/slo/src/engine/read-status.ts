import { firingText, quietText, silentText, zeroToleranceText } from "../alerts/alert-text.ts";
import { HOUR_MS } from "../objective/duration.ts";
import { BurnReader } from "./burn-rates.ts";
import type { AlertStatus, ObjectiveState, ObjectiveStatus } from "./status.ts";
import type { Tracker } from "./tracker.ts";

/**
 * Reads how an objective stands. Nothing is computed again while nothing was counted and no bucket
 * ended, and texts only for alerts that fire.
 */
export class StatusReader {
  readonly tracker: Tracker;
  readonly #quiet: readonly AlertStatus[];
  readonly #burn: BurnReader;
  /** Index of the budget's own window. */
  readonly #last: number;
  readonly #since: (number | undefined)[];
  #seen = -1;
  #status: ObjectiveStatus | undefined;

  constructor(tracker: Tracker) {
    this.tracker = tracker;
    this.#burn = new BurnReader(tracker);
    const { objective } = tracker;
    this.#quiet = objective.rules.map((rule) =>
      Object.freeze({
        severity: rule.severity,
        long: rule.long,
        short: rule.short,
        factor: rule.factor,
        firing: false,
        since: undefined,
        text: quietText(objective, rule),
      }),
    );
    this.#last = tracker.windows.length - 1;
    this.#since = objective.rules.map(() => undefined);
  }

  read(nowMs: number): ObjectiveStatus {
    const { tracker } = this;
    tracker.advance(nowMs);
    if (this.#status !== undefined && this.#seen === tracker.version) return this.#status;
    this.#seen = tracker.version;
    this.#status = this.#build(nowMs);
    return this.#status;
  }

  #build(nowMs: number): ObjectiveStatus {
    const { tracker } = this;
    const { objective } = tracker;
    const { budget } = objective.target;
    const total = tracker.totalIn(this.#last);
    const bad = tracker.badIn(this.#last);
    const consumed = total === 0 || budget === 0 ? undefined : bad / (budget * total);
    const coverage = tracker.coverage(nowMs);
    const alerts = budget === 0 ? [this.#zeroTolerance(nowMs)] : this.#alerts(nowMs);
    return {
      name: objective.name,
      state: this.#state(total, bad, coverage, alerts),
      total,
      bad,
      excluded: tracker.excluded,
      consumed,
      remaining: consumed === undefined ? undefined : 1 - consumed,
      burn: this.#burn.read(),
      coverage,
      alerts,
    };
  }

  #state(
    total: number,
    bad: number,
    coverage: number,
    alerts: readonly AlertStatus[],
  ): ObjectiveState {
    const { target, minCoverage } = this.tracker.objective;
    if (total === 0) return "no_data";
    if (target.budget === 0 && bad > 0) return "violated";
    if (target.budget > 0 && bad > 0 && isUsedUp(bad, total, target.budget)) return "exhausted";
    if (alerts !== this.#quiet && alerts.some(({ firing }) => firing)) return "burning";
    return coverage < minCoverage ? "low_coverage" : "healthy";
  }

  #alerts(nowMs: number): readonly AlertStatus[] {
    let alerts: AlertStatus[] | undefined;
    for (let index = 0; index < this.#quiet.length; index++) {
      if (!this.tracker.isFiring(index) && !this.tracker.isSilent(index, nowMs)) {
        if (this.#since[index] !== undefined) this.#since[index] = undefined;
        continue;
      }
      alerts ??= [...this.#quiet];
      alerts[index] = this.#firing(index, nowMs);
    }
    return alerts ?? this.#quiet;
  }

  #firing(index: number, nowMs: number): AlertStatus {
    const { tracker } = this;
    const { objective } = tracker;
    const rule = objective.rules[index] as (typeof objective.rules)[number];
    const long = tracker.indexOf(rule.longMs);
    const since = this.#startedFiring(index, nowMs);
    const total = tracker.totalIn(long);
    const text =
      total === 0
        ? silentText(objective, rule)
        : firingText(objective, rule, tracker.badIn(long), total);
    return { ...(this.#quiet[index] as AlertStatus), firing: true, since, text };
  }

  /** No later than now, which a clock that was ahead may have said. */
  #startedFiring(index: number, nowMs: number): number {
    const since = Math.min(this.#since[index] ?? nowMs, nowMs);
    this.#since[index] = since;
    return since;
  }

  #zeroTolerance(nowMs: number): AlertStatus {
    const { tracker } = this;
    const hour = tracker.indexOf(HOUR_MS);
    const bad = tracker.badIn(hour);
    const firing = bad > 0;
    if (!firing) this.#since[0] = undefined;
    const since = firing ? this.#startedFiring(0, nowMs) : undefined;
    const text = zeroToleranceText(tracker.objective, bad, tracker.totalIn(hour));
    return { severity: "page", long: "1h", short: "5m", factor: 0, firing, since, text };
  }
}

/** Compared by counts: 1 − consumed of a budget that is used up exactly is not always 0. */
function isUsedUp(bad: number, total: number, budget: number): boolean {
  return bad / total >= budget;
}
