import type { BudgetAccount } from "../budget/budget-account.ts";
import { amountFor, ceilingOf, type ReservationPlan } from "../budget/reservation-plan.ts";
import type { ContextFrame } from "../context/context-frame.ts";
import type { GuardError } from "../errors/guard-error.ts";
import { KilledError } from "../errors/killed-error.ts";
import type { EvaluationResult } from "../evaluate/evaluator.ts";
import type { HoldBackRule } from "../evaluate/hold-back.ts";
import { reviewStream } from "../evaluate/review-stream.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { ActiveKill } from "../kill/kill-switch.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { expireCall } from "../meter/expire-call.ts";
import type { Link } from "../meter/in-flight.ts";
import { type GateHolds, releaseGates } from "../meter/release-gates.ts";
import { settleCall } from "../meter/settle-call.ts";
import { NO_EVALUATIONS } from "../meter/to-record.ts";
import type { TopUps } from "../meter/top-ups.ts";
import { killRefusal } from "../pipeline/check-kill-switch.ts";
import { recheck } from "../pipeline/recheck.ts";
import { refuse } from "../pipeline/refuse.ts";
import type { GateHold } from "../ports/gate.ts";
import { isPromise } from "../ports/maybe-promise.ts";
import { type CallEnd, type CallState, endWithError, endWithResult } from "./call-end.ts";
import type { CallRecord, RequestedModel } from "./call-record.ts";
import type { CallRequest } from "./call-request.ts";
import type { CallTarget } from "./call-target.ts";
import { expiredError } from "./expired-error.ts";
import type { PendingCall } from "./pending-call.ts";
import type { CallFailure, CallProgress, CallResult, Permit } from "./permit.ts";
import { outputOf } from "./read-progress.ts";
import { RequestedCall } from "./requested-call.ts";

const NOTHING: readonly number[] = Object.freeze([]);
const NOTHING_TOLD = Object.freeze({});

/**
 * One call from request to record: what the pipeline decides on, and the permit that the hook
 * holds. One object, because this is the path that must cost nothing.
 */
export class GuardedCall extends RequestedCall implements Permit, PendingCall, Link {
  /** When it is decided, on the wall clock: later than `startedAtMs` once it has waited. */
  decidedAtMs: number;
  /** The same instant on the monotonic clock. */
  decidedMonotonicMs: number;
  state: CallState = "pending";
  killVersion = -1;
  allowedUntilMs: number = Number.POSITIVE_INFINITY;
  plan: ReservationPlan | undefined;
  amounts: readonly number[] = NOTHING;
  /** The most that it can cost in nano-dollars, as far as that is known. */
  reservedNanoUsd = 0;
  reserved = false;
  bound = 0;
  outputSeen = 0;
  firstTokenMs: number | undefined;
  /** When it was begun, waited or sent last, on the monotonic clock: the sweeper goes by it. */
  activeMs: number;
  /** When it was sent, on the monotonic clock; until then, when it was begun. */
  sentMonotonicMs: number;
  /** When its record was made, on the same clock. */
  endedMs: number | undefined;
  kill: ActiveKill | undefined;
  /** Why we cut it, when it was no kill. */
  cutBy: GuardError | undefined;
  /** What exporters remember of where it began. */
  captured: readonly unknown[] | undefined;
  /** Of evaluators that had it cut. */
  verdicts: readonly EvaluationResult[] = NO_EVALUATIONS;
  /** Reserves a stream step by step. */
  topUps: TopUps | undefined;
  /** What the sweeper recorded; a late end takes its place. */
  expired: CallRecord | undefined;
  record: CallRecord | undefined;
  /** Whether its end is over: nothing of it waits for a store or an evaluator. */
  done = false;
  /** Everyone who listens was told that it is refused. */
  refused = false;
  /** Another attempt of the same call holds the money. */
  repeated = false;
  /** Whether its end changed the ledger: of several attempts only the first does. */
  charged = true;
  /** Its neighbours among the calls in flight. */
  older: Link | undefined;
  newer: Link | undefined;
  readonly #guard: GuardRuntime;
  #gateHolds: GateHolds | undefined;
  #accounts: readonly BudgetAccount[] | undefined;
  #controller: AbortController | undefined;
  #forward: (() => void) | undefined;
  /** Its first end counts: also while that one tells listeners, which may end it again. */
  #isEnding = false;
  #ended: Promise<CallRecord> | undefined;
  /** Since the sweeper looked: what it was told of often costs no look at the clock. */
  #progressed = false;

  constructor(
    guard: GuardRuntime,
    id: string,
    request: CallRequest,
    target: CallTarget,
    frame: ContextFrame,
    startedAtMs: number,
  ) {
    super(id, request, target, frame, startedAtMs);
    this.#guard = guard;
    this.decidedAtMs = startedAtMs;
    this.sentMonotonicMs = guard.options.clock.monotonicMs();
    this.activeMs = this.sentMonotonicMs;
    this.decidedMonotonicMs = this.sentMonotonicMs;
  }

  get maxOutputTokens(): number | undefined {
    const most = this.mostOutput;
    const added = this.request.estimate?.addedOutputTokens;
    // A limit of none is none anybody can send; there is no room for what is added then.
    return most === undefined || added === undefined ? most : Math.max(1, most - added);
  }
  /** The output that is reserved for, with what is added to the limit that is sent. */
  get mostOutput(): number | undefined {
    if (this.plan === undefined || this.kind !== "model") return undefined;
    if (!this.plan.chosen && this.plan.maxOutputTokens === 0) return undefined;
    return this.topUps === undefined ? this.bound : this.plan.maxOutputTokens;
  }
  get wantsOutput(): boolean {
    const { evaluations, sources } = this.#guard;
    if (!evaluations.areAny) return false;
    return evaluations.panelOf(this) !== undefined || sources.wants(this, false);
  }
  get wantsSources(): boolean {
    const { evaluations, sources } = this.#guard;
    if (!evaluations.areAny) return false;
    return sources.wants(this, evaluations.panelOf(this) !== undefined);
  }
  get holdsBack(): HoldBackRule | undefined {
    return this.#guard.evaluations.panelOf(this)?.holdsBack;
  }
  /** The switch's version when the outermost task began; infinite outside of tasks. */
  get taskVersion(): number {
    return this.#guard.tasks.startedVersion(this.frame);
  }

  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    const outer = this.request.signal;
    if (this.kill !== undefined) controller.abort(new KilledError(killRefusal(this.kill)));
    else if (this.cutBy !== undefined) controller.abort(this.cutBy);
    else if (outer?.aborted === true) controller.abort(outer.reason);
    else if (outer !== undefined && !this.#isEnding) {
      this.#forward = () => controller.abort(outer.reason);
      outer.addEventListener("abort", this.#forward, { once: true });
    }
    return controller.signal;
  }

  /** The accounts of this call: found once, and again when it has waited. */
  accounts(): readonly BudgetAccount[] {
    this.#accounts ??= this.#guard.resolver.accounts(this.target, this.frame, this.decidedAtMs);
    return this.#accounts;
  }

  /**
   * A window, or a price, may have ended while a human thought or money was held; nor is that
   * silence.
   */
  waited(): void {
    const { kind, provider, name } = this.target;
    this.decidedAtMs = this.#guard.nowMs();
    this.target = this.#guard.targets.resolve(kind, provider, name, this.decidedAtMs);
    this.activeMs = this.#guard.options.clock.monotonicMs();
    this.decidedMonotonicMs = this.activeMs;
    this.#accounts = undefined;
  }

  override callInstead(target: CallTarget, key: string, because: RequestedModel["because"]): void {
    super.callInstead(target, key, because);
    this.#accounts = undefined;
  }

  isCoveredByBudget(id: string): boolean {
    return this.#guard.resolver
      .covering(this.target, this.frame)
      .budgets.some((state) => state.id === id);
  }

  /** Fixes the output bound and what it costs on each account. */
  setBound(outputTokens: number): void {
    const plan = this.plan as ReservationPlan;
    this.bound = outputTokens;
    this.reservedNanoUsd = ceilingOf(plan, outputTokens);
    const { length } = plan.accounts;
    const amounts = new Array<number>(length);
    for (let i = 0; i < length; i++) {
      const { unit } = plan.accounts[i] as BudgetAccount;
      amounts[i] = unit === "usd" ? this.reservedNanoUsd : amountFor(plan, unit, outputTokens);
    }
    this.amounts = amounts;
  }

  /** A further step of a stream is reserved; what the first one holds stays as it is. */
  raiseBound(outputTokens: number): void {
    this.bound = outputTokens;
    this.reservedNanoUsd = ceilingOf(this.plan as ReservationPlan, outputTokens);
  }

  /** Whether the guard chose an output limit that the hook cannot send. */
  get isBoundAssumed(): boolean {
    return this.plan?.chosen === true && this.request.bound === "assumed";
  }

  /** Hands the permit out: from here on the sweeper watches it. */
  begin(): void {
    this.state = "begun";
    if (this.isBoundAssumed) this.#guard.counters.assumedBounds++;
    this.#guard.inFlight.add(this);
  }

  dispatched(): void {
    if (this.state === "dispatched" || this.state === "ended" || this.state === "unknown") return;
    if (this.state === "expired") throw expiredError(this);
    const refusal = recheck(this, this.#guard);
    if (refusal !== undefined) {
      const error = refuse(this.#guard, this, refusal);
      void this.release();
      throw error;
    }
    // One that other attempts may share counts as dispatched in the store from the beginning.
    const mayTell = this.reserved && this.ledgerId === this.id;
    if (mayTell && this.#guard.ledger.durable) this.#tellDispatched();
    this.state = "dispatched";
    this.sentMonotonicMs = this.#guard.options.clock.monotonicMs();
    this.activeMs = this.sentMonotonicMs;
  }

  /** A durable ledger must know that expiry charges from here on; its lease may be over already. */
  #tellDispatched(): void {
    const { ledger, counters } = this.#guard;
    let reply: ReturnType<Ledger["dispatch"]>;
    try {
      reply = ledger.dispatch([this.ledgerId]);
    } catch (error) {
      void this.release();
      throw error;
    }
    if (isPromise(reply)) reply.catch(() => counters.settlementErrors++);
    else if (reply.results[0] === false) {
      void this.release();
      throw expiredError(this);
    }
  }

  progress(progress: CallProgress): void {
    this.#progressed = true;
    const seen = outputOf(progress);
    if (typeof seen !== "number" || !(seen > this.outputSeen)) return;
    this.outputSeen = seen;
    this.firstTokenMs ??= this.#guard.options.clock.monotonicMs() - this.sentMonotonicMs;
    this.topUps?.progressed(seen);
  }

  async review(outputSoFar: unknown): Promise<boolean> {
    const { passed, refusal } = await reviewStream(this, this.#guard, outputSoFar);
    if (refusal === undefined) return passed;
    this.verdicts = Object.freeze([refusal.result]);
    this.cut(refusal.error);
    return false;
  }

  settle(result: CallResult = NOTHING_TOLD): Promise<CallRecord> {
    return this.#end(endWithResult(result ?? NOTHING_TOLD));
  }

  fail(error: unknown, failure: CallFailure = NOTHING_TOLD): Promise<CallRecord> {
    return this.#end(endWithError(error, failure ?? NOTHING_TOLD));
  }

  release(): Promise<CallRecord> {
    return this.#end({ kind: "release" });
  }

  /** Cuts a call in flight; false when it had ended or was cut already. */
  abortByKill(kill: ActiveKill): boolean {
    if (this.#isEnding || this.kill !== undefined) return false;
    this.kill = kill;
    this.#controller?.abort(new KilledError(killRefusal(kill)));
    return true;
  }

  /** Cuts a call for another reason than a kill. */
  cut(error: GuardError): void {
    if (this.#isEnding || this.kill !== undefined || this.cutBy !== undefined) return;
    this.cutBy = error;
    const { id, name, context, outputSeen } = this;
    const event = { id, name, context, outputTokens: outputSeen, error, code: error.code };
    this.#guard.emitter.emit("call-cut", event);
    this.#controller?.abort(error);
  }

  /**
   * Ends what nothing else ended: not dispatched is given back, dispatched is charged as unknown.
   */
  expireIfDue(nowMs: number): void {
    const { undispatchedTtlMs, dispatchedTtlMs } = this.#guard.options.reservation;
    if (this.#progressed) this.activeMs = nowMs;
    this.#progressed = false;
    const ttlMs = this.state === "begun" ? undispatchedTtlMs : dispatchedTtlMs;
    if (nowMs - this.activeMs >= ttlMs) expireCall(this, this.#guard);
  }

  /** Takes the call off every list and gives back what gates handed out. */
  leave(record?: CallRecord): void {
    this.#guard.inFlight.delete(this);
    if (this.#forward !== undefined) {
      this.request.signal?.removeEventListener("abort", this.#forward);
      this.#forward = undefined;
    }
    this.releaseGates(record);
  }

  /** Keeps what a gate handed out. */
  holdGate(hold: GateHold): void {
    this.#gateHolds = { hold, before: this.#gateHolds };
  }

  /** Gives back what gates handed out. */
  releaseGates(record?: CallRecord): void {
    const holds = this.#gateHolds;
    this.#gateHolds = undefined;
    if (holds !== undefined) releaseGates(holds, this.#guard, record, this.endedMs);
  }

  /** The first end counts, and alone hears of a refused result; later ones get the record. */
  #end(end: CallEnd): Promise<CallRecord> {
    if (this.#isEnding) return this.#endedBefore();
    this.#isEnding = true;
    this.#ended = settleCall(this, this.#guard, end);
    return this.#ended;
  }

  /** A turn later, because whoever listens to an end hears of it before it is over. */
  async #endedBefore(): Promise<CallRecord> {
    await undefined;
    return (this.#ended as Promise<CallRecord>).catch(() => this.record as CallRecord);
  }
}
