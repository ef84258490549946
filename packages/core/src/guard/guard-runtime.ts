import type { AccountResolver } from "../budget/call-accounts.ts";
import type { CallTargets } from "../call/call-target.ts";
import type { EvaluationScheduler } from "../evaluate/evaluation-scheduler.ts";
import type { SourceShelf } from "../evaluate/source-shelf.ts";
import type { Emitter } from "../events/emitter.ts";
import type { Warnings } from "../events/warnings.ts";
import type { KillSwitch } from "../kill/kill-switch.ts";
import type { LeasedLedger } from "../lease/leased-ledger.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { InFlight } from "../meter/in-flight.ts";
import type { Deciding } from "../pipeline/deciding.ts";
import type { Downgrades } from "../pipeline/downgrades.ts";
import type { HeldQueue } from "../pipeline/held-queue.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { SliRecorder } from "../sli/recorder.ts";
import type { RunningTask, TaskRegistry } from "../task/task-registry.ts";
import type { CheckedOptions } from "./check-options.ts";
import type { FleetMember } from "./fleet-member.ts";

/** The parts of one guard, as its calls use them. */
export interface GuardRuntime {
  readonly options: CheckedOptions;
  readonly ledger: Ledger & Partial<Pick<LeasedLedger, "dropped">>;
  /** Which store the balances are in. */
  readonly storeIdentity: () => MaybePromise<string>;
  /** What time it is for windows: the store's clock, or this machine's. */
  readonly nowMs: () => number;
  readonly killSwitch: KillSwitch;
  /** Models that somebody wants replaced. */
  readonly downgrades: Downgrades;
  readonly targets: CallTargets;
  readonly resolver: AccountResolver;
  readonly heldQueue: HeldQueue;
  /** Calls that wait for their turn, or for the pace of a budget. */
  readonly pacedQueue: HeldQueue;
  /** Calls that a policy takes its time for. */
  readonly deciding: Deciding;
  readonly inFlight: InFlight;
  readonly tasks: TaskRegistry;
  /** Lifts the kills of a task that has ended, and lets gates forget it. */
  readonly forgetTask: (id: string, task: RunningTask) => void;
  readonly sli: SliRecorder;
  readonly evaluations: EvaluationScheduler;
  /** What answers may rely on, by task. */
  readonly sources: SourceShelf;
  readonly emitter: Emitter;
  readonly warnings: Warnings;
  readonly counters: GuardCounters;
  readonly fleet: FleetMember;
}

/** Counts that `guard.metrics()` shows. */
export interface GuardCounters {
  settled: number;
  refused: number;
  assumedBounds: number;
  exporterErrors: number;
  auditErrors: number;
  settlementErrors: number;
}
