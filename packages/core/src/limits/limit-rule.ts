import { noneRemedy } from "../budget/none-remedy.ts";
import type { PendingCall } from "../call/pending-call.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import { KeyTable, MAX_KEYS } from "./key-table.ts";
import type { Limit, LimitDimension } from "./limit.ts";
import { createLimitCounter } from "./limit-counter.ts";
import { keysOf, type LimitKeys, NONE, taskOfKey } from "./limit-keys.ts";
import { type CompiledMatch, compileMatch } from "./limit-match.ts";
import { fullRefusal, limitRefusal } from "./limit-refusal.ts";
import { PerOrg } from "./per-org.ts";

/** Names that are the same whoever calls: what all orgs together do to them is counted. */
const SHARED: readonly LimitDimension[] = ["tool", "model", "provider"];

/** A limit at work: whom it covers, and its counts. */
export class LimitRule {
  readonly limit: Limit;
  readonly match: CompiledMatch;
  /** Whether a call's target and its caller's names say what it counts under, and no task does. */
  readonly isByCaller: boolean;
  readonly #tables: PerOrg<KeyTable>;
  /** Whether all orgs share its keys. */
  readonly #isShared: boolean;
  readonly #onNone: (dimension: LimitDimension) => void;
  readonly #warned = new Set<LimitDimension>();
  /** Of tables that made room for other orgs'. */
  #forgottenWithOrgs = 0;

  constructor(limit: Limit, warn: (topic: string, message: string) => void) {
    this.limit = limit;
    this.match = compileMatch(limit.match, limit.per);
    this.#isShared = limit.per.every((dimension) => SHARED.includes(dimension));
    this.isByCaller = this.match.coversCaller === undefined && !limit.per.includes("task");
    const counter = createLimitCounter(limit.what);
    const taskOf = tasksOf(limit);
    this.#tables = new PerOrg(
      () => new KeyTable(counter, MAX_KEYS, taskOf),
      (table, nowMs) => (counter.forgets ? !table.isHeld : table.isIdle(nowMs)),
      (table, nowMs) => {
        this.#forgottenWithOrgs += table.leave(nowMs);
      },
    );
    this.#onNone = (dimension) => {
      if (this.#warned.has(dimension)) return;
      this.#warned.add(dimension);
      warn(
        `limit-without-${dimension}:${limit.id}`,
        `Limit "${limit.id}" is split by ${dimension}, but a call has none: such calls share "${NONE}". ${noneRemedy(dimension)}`,
      );
    };
  }

  /** Keys in use that were forgotten to make room. */
  get forgotten(): number {
    let sum = this.#forgottenWithOrgs;
    for (const table of this.#tables.values()) sum += table.forgotten;
    return sum;
  }

  coversCaller(call: PendingCall): boolean {
    return this.match.coversCaller === undefined || this.match.coversCaller(call);
  }

  keysOf(call: PendingCall): LimitKeys {
    return keysOf(this.limit.per, call, this.#onNone);
  }

  /** The counts that a call of this org falls under; undefined before the first. */
  find(org: string): KeyTable | undefined {
    return this.#tables.find(this.#isShared ? NONE : org);
  }

  /** The same, made when it is not there; undefined when there is no room for another org. */
  open(org: string, nowMs: number): KeyTable | undefined {
    return this.#tables.open(this.#isShared ? NONE : org, nowMs);
  }

  /** Forgets a task that has ended. */
  dropTask(org: string | undefined, task: string): void {
    if (!this.limit.per.includes("task")) return;
    for (const table of this.#tables.ofTask(org)) table.dropTask(task);
  }

  refusal(key: string, waitMs: number): Refusal {
    return limitRefusal(this.limit, key, waitMs);
  }

  full(): Refusal {
    return fullRefusal(this.limit, MAX_KEYS);
  }
}

/** Whose task a key belongs to; undefined where keys are no tasks', or each is its task. */
function tasksOf({ per }: Limit): ((key: string) => string) | undefined {
  if (per.length === 1 || !per.includes("task")) return undefined;
  return (key) => taskOfKey(per, key);
}
