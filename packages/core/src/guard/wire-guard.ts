import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { isSplitByTask } from "../budget/account-key.ts";
import { spentOf } from "../budget/budget-account.ts";
import { BudgetState } from "../budget/budget-state.ts";
import { AccountResolver } from "../budget/call-accounts.ts";
import { crossBySpending } from "../budget/cross-thresholds.ts";
import { CallTargets } from "../call/call-target.ts";
import { EvaluationScheduler } from "../evaluate/evaluation-scheduler.ts";
import { SourceShelf } from "../evaluate/source-shelf.ts";
import { Emitter } from "../events/emitter.ts";
import { Warnings } from "../events/warnings.ts";
import type { JournalOptions } from "../journal/crash-journal.ts";
import { KillEvents } from "../kill/kill-events.ts";
import { KillSwitch } from "../kill/kill-switch.ts";
import {
  createLeasedLedger,
  type LeasedLedger,
  type LeasedLedgerOptions,
} from "../lease/leased-ledger.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { storeIdentity, storeName } from "../ledger/store-identity.ts";
import { InFlight } from "../meter/in-flight.ts";
import { Deciding } from "../pipeline/deciding.ts";
import { Downgrades } from "../pipeline/downgrades.ts";
import { HeldQueue } from "../pipeline/held-queue.ts";
import type { GateHost, TaskEndListener } from "../ports/gate.ts";
import type { Store } from "../ports/store.ts";
import { createSliRecorder } from "../sli/sli-recorder.ts";
import { TaskRegistry } from "../task/task-registry.ts";
import { type CheckedOptions, checkOptions } from "./check-options.ts";
import { FleetMember } from "./fleet-member.ts";
import type { GuardRuntime } from "./guard-runtime.ts";
import { createMemoryStore } from "./memory-store.ts";
import type { GuardOptions } from "./options.ts";
import { applyLimit } from "./set-budget.ts";

/** Checks the options and makes the parts of a guard from them. @throws {ConfigError} `BR9001` */
export function wireGuard(given: GuardOptions): GuardRuntime {
  const options = checkOptions(given);
  const { clock, prices, reservation } = options;
  const isShared = options.store !== undefined && options.store !== "memory";
  const store = isShared ? options.store : createMemoryStore({ clock });
  const emitter = new Emitter();
  const warnings = new Warnings(emitter);
  const taskEnds = attachGates(options, emitter, warnings);
  const budgets = options.budgets.map((budget) => new BudgetState(budget));
  const inFlight = new InFlight(
    clock,
    Math.min(reservation.undispatchedTtlMs, reservation.dispatchedTtlMs),
  );
  const sli = createSliRecorder();
  const heldQueue = new HeldQueue(clock);
  const pacedQueue = new HeldQueue(clock);
  const deciding = new Deciding();
  const killEvents = new KillEvents(emitter);
  killEvents.awaitListeners();
  const killSwitch = new KillSwitch(store.killLog, clock, killEvents, inFlight, () => nowMs());
  for (const change of ["kill-issued", "kill-revived"] as const) {
    emitter.on(change, () => {
      heldQueue.changed();
      pacedQueue.changed();
    });
  }
  const resolver = new AccountResolver(budgets, warnings);
  const ledger = leaseFrom(store.ledger, {
    clock,
    onKillEpoch: (epoch) => killSwitch.catchUp(epoch),
    onSpent: (ref, spentBefore, balance) => {
      const account = resolver.accountOf(ref, nowMs());
      if (account === undefined) return;
      const untoldFrom = account.toldFrom(spentBefore, balance);
      crossBySpending(account, spentBefore, spentOf(balance), guard, untoldFrom);
    },
    onChange: () => heldQueue.changed(),
    journal: journalOf(options, store, emitter, warnings),
  });
  const nowMs = ledger.nowMs ?? (() => clock.wallMs());
  const tasks = new TaskRegistry();
  const wantsSources = options.evaluators.some((evaluator) => evaluator.sources);
  const guard: GuardRuntime = {
    options,
    ledger,
    storeIdentity: () => storeIdentity(store),
    nowMs,
    killSwitch,
    downgrades: new Downgrades(warnings),
    targets: new CallTargets(prices, budgets),
    resolver,
    heldQueue,
    pacedQueue,
    deciding,
    inFlight,
    tasks,
    forgetTask(id, { org, innerOrgs }) {
      reviveTask(killSwitch, resolver, id, nowMs);
      for (const tell of taskEnds) {
        tell(id, org);
        if (innerOrgs !== undefined) for (const inner of innerOrgs) tell(id, inner);
      }
    },
    sli,
    evaluations: new EvaluationScheduler(options.evaluators, clock, emitter, sli),
    sources: new SourceShelf(wantsSources, tasks),
    emitter,
    warnings,
    counters: {
      settled: 0,
      refused: 0,
      assumedBounds: 0,
      exporterErrors: 0,
      auditErrors: 0,
      settlementErrors: 0,
    },
    fleet: new FleetMember(isShared ? store.fleet : undefined, clock, processName(), nowMs),
  };
  killSwitch.onLimit = (line) => applyLimit(guard, line);
  killSwitch.onArmed = () => deciding.killed();
  killSwitch.onKill = (kill, aborted) => guard.fleet.acknowledge(kill, aborted);
  return guard;
}

/** Lends the gates what they need of a guard; gives back those that hear of the end of a task. */
function attachGates(
  { clock, limits, breaker }: CheckedOptions,
  emitter: Emitter,
  warnings: Warnings,
): readonly TaskEndListener[] {
  const taskEnds: TaskEndListener[] = [];
  const host: GateHost = {
    clock,
    emit: (name, event) => emitter.emit(name, event),
    on: (name, listener) => emitter.on(name, listener),
    onTaskEnd: (listener) => taskEnds.push(listener),
    warn: (topic, message) => warnings.once(topic, message),
  };
  limits.attach?.(host);
  breaker?.attach?.(host);
  return taskEnds;
}

/** Who hears of the journal, if there is one. */
function journalOf(
  { journal }: CheckedOptions,
  store: Store,
  emitter: Emitter,
  warnings: Warnings,
): JournalOptions | undefined {
  if (journal === undefined) return undefined;
  return {
    journal,
    storeName: () => storeName(store),
    onReplayed: (replayed) => emitter.emit("journal-replayed", replayed),
    onUnreadable: (name, message) => warnings.once(`journal ${name}`, message),
    onUnwritten: (message) => warnings.once("journal", message),
  };
}

/** Unique in a fleet, and telling whom to look for. */
function processName(): string {
  return `${hostname()}:${process.pid}:${randomBytes(4).toString("hex")}`;
}

/** What survives a process costs a round trip: it is spent from leases. Memory is asked itself. */
function leaseFrom(
  ledger: Ledger,
  options: Omit<LeasedLedgerOptions, "ledger">,
): Ledger & Partial<LeasedLedger> {
  return ledger.durable ? createLeasedLedger({ ledger, ...options }) : ledger;
}

/** Nobody can use the accounts of an ended task again, and their kills would pile up for ever. */
function reviveTask(
  killSwitch: KillSwitch,
  { budgets }: AccountResolver,
  taskId: string,
  nowMs: () => number,
): void {
  if (killSwitch.size === 0) return;
  const atMs = Math.round(nowMs());
  for (const { id, target } of killSwitch.killsOfTask(taskId)) {
    const named = target === "everything" ? undefined : target.budget;
    const state = budgets.find((one) => one.id === named);
    // A user, or whoever else a budget is split by, may be called like a task.
    if (state !== undefined && !isSplitByTask(state.budget)) continue;
    const by = "burnrate:task-ended";
    killSwitch.lift({ kind: "revive", id, reason: "the task has ended", by, atMs });
  }
}
