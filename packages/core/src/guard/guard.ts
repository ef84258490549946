// Without it, projects that have no types of Node do not know Symbol.asyncDispose.
/// <reference lib="esnext.disposable" preserve="true" />
import type { CircuitStatus } from "../breaker/breaker.ts";
import type { BreakerControl } from "../breaker/control-breaker.ts";
import type { BudgetLimit } from "../budget/budget.ts";
import type { BudgetStatus, BudgetsOptions } from "../budget/budget-status.ts";
import type { CallRequest } from "../call/call-request.ts";
import type { CallResult, Permit } from "../call/permit.ts";
import type { CallContext } from "../context/call-context.ts";
import type { KilledError } from "../errors/killed-error.ts";
import type { GivenSource } from "../evaluate/source.ts";
import type { GuardEventName, GuardEvents } from "../events/guard-events.ts";
import type { KillOptions, KillReceipt, ReviveOptions } from "../kill/kill-options.ts";
import type { KillTarget } from "../kill/kill-scope.ts";
import type { ActiveKill } from "../kill/kill-switch.ts";
import type { Downgrade, DowngradeOptions, DowngradeRule } from "../pipeline/downgrades.ts";
import type { SliSource } from "../sli/sli.ts";
import type { OpenTask, Task, TaskInfo } from "../task/task.ts";
import type { Metrics } from "./metrics.ts";
import type { ReconciledAccount, ReconciledRow } from "./reconcile.ts";

/** What a function run by `guard.run` returns. */
export interface RunResult<T> extends CallResult {
  readonly value: T;
}

/** Who changes a limit, and why. */
export interface ChangeReason {
  readonly reason: string;
  readonly by: string;
}

/** One guard for all model and tool calls of a process. Make it with `createGuard`. */
export interface Guard {
  /**
   * Runs a unit of work whose success is counted: returning is success, throwing is failure,
   * except that an `AbortError` is excluded: the caller changed his mind. Budgets per task cover
   * everything inside, nested tasks included.
   * @throws {KilledError} `BR1001` when a kill covers the task: `fn` does not run, which is the
   *   event `task-refused` and a bad task.
   * @throws {ConfigError} `BR9001` when the info or the function is wrong.
   */
  task<T>(info: TaskInfo, fn: (task: Task) => T | Promise<T>): Promise<T>;
  /** Opens a task that ends by an event; for adapters. */
  openTask(info: TaskInfo): OpenTask;
  /**
   * Adds to the context of everything that `fn` does. `task` joins a task of another process, so
   * that its kills and budgets cover what is done here.
   * @throws {ConfigError} `BR9001` when org, team or user would change.
   */
  with<T>(context: CallContext, fn: () => T): T;
  /**
   * Tells evaluators what the answers of the task around this point may rely on, such as documents
   * that were retrieved by hand: texts, or objects with `text`, `id`, `url`, `title`. Tools'
   * results are known already. At most 256 sources and 262,144 characters a task are kept, the
   * newest, until it ends; outside of a task, and while no evaluator asks for `sources`, nothing
   * is. Never throws: what cannot be read is in `metrics().dropped.sources`.
   */
  addSources(sources: readonly GivenSource[]): void;
  /** The context here and now. */
  context(): CallContext;
  /**
   * Asks for permission to make one call.
   * @throws {GuardError} one of the family, when refused; nothing is held then.
   */
  begin(request: CallRequest): Promise<Permit>;
  /**
   * `begin`, `dispatched`, and `settle` or `fail`, around one function. Resolves to its `value`.
   * @throws {ConfigError} `BR9001` when what the function returns is no object; it is charged.
   */
  run<T>(
    request: CallRequest,
    fn: (permit: Permit) => Promise<RunResult<T>> | RunResult<T>,
  ): Promise<T>;
  /**
   * Stops what the target covers, in this process first. `"everything"` is the global kill. Goes
   * through `authorize`, is an event and an audit record.
   * @throws {ConfigError} `BR9001` when the target or an option is wrong.
   * @throws {PolicyDeniedError} `BR3001` when `authorize` refuses it.
   */
  kill(target: KillTarget, options: KillOptions): Promise<KillReceipt>;
  /**
   * Takes a kill back, in all processes of the store. Goes through `authorize`.
   * @throws {ConfigError} `BR9001` when no such kill is in force here, or when it came from a kill
   *   source (a file, the environment), where it ends.
   * @throws {PolicyDeniedError} `BR3001` when `authorize` refuses it.
   * @throws {StoreUnavailableError} `BR8001` when the log does not take it; the kill stays.
   */
  revive(killId: string, options: ReviveOptions): Promise<void>;
  /**
   * The error of the kill that covers whatever is done here and now; a look that records nothing.
   */
  killed(): KilledError | undefined;
  /**
   * The kills in force, as far as this guard has heard: the log is read with its first question.
   */
  kills(): readonly ActiveKill[];
  /**
   * Calls the model that hooks have under `key` in place of the models that the target covers, in
   * this process, for as long as `when` says so at each call, until the returned function is
   * called. A rule of the application: `authorize` is not asked. Put it in force before hooks are
   * made, which refuse keys that nothing asks for.
   * @throws {ConfigError} `BR9001` when the target or an option is wrong.
   */
  downgrade(target: KillTarget, rule: DowngradeRule): () => void;
  /**
   * The same by somebody's word, until `revoke`. Goes through `authorize`, is an event and an audit
   * record. A budget's own downgrade goes first; a hook without that key raises
   * `downgrade-unavailable`.
   * @throws {ConfigError} `BR9001` when the target or an option is wrong.
   * @throws {PolicyDeniedError} `BR3001` when `authorize` refuses it.
   */
  downgrade(target: KillTarget, options: DowngradeOptions): Promise<Downgrade>;
  /** Opens, closes and resets circuits by hand. */
  readonly breaker: BreakerControl;
  /** Every circuit that has counted calls, or was forced; empty without a breaker. */
  circuits(): readonly CircuitStatus[];
  /**
   * Keys of other models that thresholds may ask for: what `models` options of hooks can offer.
   * Undefined where the breaker's fallbacks may ask for any.
   */
  readonly modelKeys: readonly string[] | undefined;
  /**
   * Changes a budget's limit from now on, in all processes of the store; goes through `authorize`.
   * @throws {ConfigError} `BR9001` for a budget that does not exist, or a limit of another unit.
   * @throws {PolicyDeniedError} `BR3001` when `authorize` refuses it.
   * @throws {StoreUnavailableError} `BR8001` when the store does not take it.
   */
  setBudget(
    id: string,
    change: { readonly limit: BudgetLimit },
    reason: ChangeReason,
  ): Promise<void>;
  /**
   * Takes the provider's figures for what was spent: clears what was charged because nobody knew
   * how a call ended. Goes through `authorize`. For windows that are over, or while no call is
   * running.
   * @throws {ConfigError} `BR9001` for a row that names no account with a window of its own.
   * @throws {PolicyDeniedError} `BR3001` when `authorize` refuses it.
   * @throws {StoreUnavailableError} `BR8001` when the store does not take it.
   */
  reconcile(rows: readonly ReconciledRow[], reason: ChangeReason): Promise<ReconciledAccount[]>;
  /**
   * The balance of every account that this guard has used, as the store has it; accounts without
   * `per`, task or session also before their first call. The 20,000 of each budget that were used
   * last.
   * @throws {ConfigError} `BR9001` for a wrong option.
   * @throws {StoreUnavailableError} `BR8001` when the store does not say.
   */
  budgets(options?: BudgetsOptions): Promise<BudgetStatus[]>;
  /**
   * Calls back on each event until the returned function is called.
   * @throws {ConfigError} `BR9001` for an event that does not exist.
   */
  on<N extends GuardEventName>(event: N, listener: (event: GuardEvents[N]) => void): () => void;
  /** Service-level indicators as they happen, each event judged good, bad or excluded. */
  readonly sli: SliSource;
  /** Service-level indicators so far, and what was dropped. */
  metrics(): Metrics;
  /** Waits for background evaluators and exporters, and releases everything. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
