import { BudgetState } from "../budget/budget-state.ts";
import { AccountResolver } from "../budget/call-accounts.ts";
import type { CallRequest } from "../call/call-request.ts";
import { CallTargets } from "../call/call-target.ts";
import { GuardedCall } from "../call/guarded-call.ts";
import type { Permit } from "../call/permit.ts";
import { checkMethods, checkOneOf, checkString } from "../config/check-object.ts";
import type { CallContext } from "../context/call-context.ts";
import { type ContextFrame, currentFrame, runInFrame } from "../context/context-frame.ts";
import { extendContext } from "../context/extend-context.ts";
import { errorFromRefusal } from "../errors/error-from-refusal.ts";
import { KilledError } from "../errors/killed-error.ts";
import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import { EvaluationScheduler } from "../evaluate/evaluation-scheduler.ts";
import { Emitter } from "../events/emitter.ts";
import { Warnings } from "../events/warnings.ts";
import { KillSwitch } from "../kill/kill-switch.ts";
import { InFlight } from "../meter/in-flight.ts";
import { killRefusal } from "../pipeline/check-kill-switch.ts";
import { HeldQueue } from "../pipeline/held-queue.ts";
import { admit } from "../pipeline/pipeline.ts";
import type { Refusal } from "../pipeline/refusal.ts";
import { isPromise } from "../ports/maybe-promise.ts";
import { createSliRecorder } from "../sli/sli-recorder.ts";
import { openTask } from "../task/open-task.ts";
import { TaskRegistry } from "../task/task-registry.ts";
import { checkOptions } from "./check-options.ts";
import { kill, revive, setBudget } from "./control.ts";
import type { Guard } from "./guard.ts";
import type { GuardRuntime } from "./guard-runtime.ts";
import { createMemoryStore } from "./memory-store.ts";
import type { GuardOptions } from "./options.ts";
import { readBudgets } from "./read-budgets.ts";

/** Longest name of a model or tool; no framework has longer ones. */
const MAX_NAME = 500;

/**
 * Makes the one guard of a process: budgets, kill switch, indicators and evaluators on every call
 * that its hooks see.
 *
 * @example
 * const guard = createGuard({ budgets: ["$5/day", "$0.50/task"], prices: createPriceBook() });
 * @throws {ConfigError} `BR9001` when an option is wrong: says which, and the nearest spelling.
 */
export function createGuard(options: GuardOptions = {}): Guard {
  const guard = wire(options);
  const ready = makeReady(guard);
  let closed = false;

  async function begin(request: CallRequest): Promise<Permit> {
    if (closed) throw closedError();
    const call = openCall(guard, request);
    if (!ready.done) await ready.wait();
    request.signal?.throwIfAborted();
    try {
      const verdict = admit(call, guard);
      const refusal = isPromise(verdict) ? await verdict : verdict;
      if (refusal !== undefined) throw refuse(guard, call, refusal);
      if (request.signal?.aborted === true) throw request.signal.reason;
    } catch (error) {
      undo(guard, call);
      throw error;
    }
    call.begin();
    if (guard.emitter.has("call-admitted")) {
      const { id, kind, name, context } = call;
      guard.emitter.emit("call-admitted", { id, kind, name, context });
    }
    return call;
  }

  const self: Guard = {
    begin,
    async run(request, fn) {
      const permit = await begin(request);
      let result: Awaited<ReturnType<typeof fn>>;
      try {
        permit.dispatched();
        result = await fn(permit);
      } catch (error) {
        await permit.fail(error);
        throw permit.signal.aborted && permit.signal.reason instanceof KilledError
          ? permit.signal.reason
          : error;
      }
      await permit.settle(result);
      return result.value;
    },
    async task(info, fn) {
      const frame = currentFrame();
      const context = extendContext(frame.context, contextOf(info));
      const refusal = killedHere(guard, { ...frame, context });
      if (refusal !== undefined) throw refusal;
      const task = openTask(guard, info);
      let output: Awaited<ReturnType<typeof fn>>;
      try {
        output = await task.run(async () => fn(task));
      } catch (error) {
        await task.end({ error });
        throw error;
      }
      await task.end({ output });
      return output;
    },
    openTask: (info) => openTask(guard, info),
    with(context, fn) {
      const frame = currentFrame();
      return runInFrame(
        Object.freeze({ ...frame, context: extendContext(frame.context, context) }),
        fn,
      );
    },
    context: () => currentFrame().context,
    kill: (target, killOptions) => kill(guard, target, killOptions),
    revive: (killId, reviveOptions) => revive(guard, killId, reviveOptions),
    killed: () => killedHere(guard, currentFrame()),
    kills: () => guard.killSwitch.list(),
    setBudget: (id, change, reason) => setBudget(guard, id, change, reason),
    budgets: () => readBudgets(guard),
    on: (event, listener) => guard.emitter.on(event, listener),
    metrics: () => ({
      ...guard.sli.snapshot(),
      calls: {
        settled: guard.counters.settled,
        refused: guard.counters.refused,
        inFlight: guard.inFlight.size,
      },
      assumedBounds: guard.counters.assumedBounds,
      dropped: {
        evaluations: guard.evaluations.dropped,
        listenerErrors: guard.emitter.errors,
        exporterErrors: guard.counters.exporterErrors,
        auditErrors: guard.counters.auditErrors,
        settlements: guard.counters.settlementErrors,
      },
    }),
    async close() {
      if (closed) return;
      closed = true;
      await guard.evaluations.idle();
      for (const exporter of guard.options.exporters ?? []) {
        await exporter.flush?.();
        await exporter.close?.();
      }
      guard.inFlight.close();
      await guard.ledger.close();
    },
    [Symbol.asyncDispose]: () => self.close(),
  };
  return self;
}

/** The kill that covers a whole context; a task that runs already may finish under `drain`. */
function killedHere(guard: GuardRuntime, frame: ContextFrame): KilledError | undefined {
  if (guard.killSwitch.size === 0) return undefined;
  const kill = guard.killSwitch.coversTask(frame);
  if (kill === undefined || (kill.level === "drain" && frame.tasks.length > 0)) return undefined;
  return new KilledError(killRefusal(kill));
}

function contextOf({
  name: _name,
  input: _input,
  ...context
}: Parameters<Guard["openTask"]>[0]): CallContext {
  return context;
}

function wire(given: GuardOptions): GuardRuntime {
  const options = checkOptions(given);
  const { clock, prices, reservation } = options;
  const store =
    options.store === undefined || options.store === "memory" ? createMemoryStore() : options.store;
  const emitter = new Emitter();
  const warnings = new Warnings(emitter);
  const budgets = options.budgets.map((budget) => new BudgetState(budget));
  const inFlight = new InFlight(
    clock,
    Math.min(reservation.undispatchedTtlMs, reservation.dispatchedTtlMs),
  );
  const sli = createSliRecorder();
  return {
    options,
    ledger: store.ledger,
    killSwitch: new KillSwitch(store.killLog, clock, emitter, inFlight),
    targets: new CallTargets(prices, budgets),
    resolver: new AccountResolver(budgets, warnings),
    heldQueue: new HeldQueue(clock),
    inFlight,
    tasks: new TaskRegistry(),
    sli,
    evaluations: new EvaluationScheduler(options.evaluators, clock, emitter, sli),
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
  };
}

/** Nothing is admitted before the ledger is ready and the kill log was read once. */
function makeReady(guard: GuardRuntime): { done: boolean; wait(): Promise<void> } {
  const state = { done: false, wait: (): Promise<void> => Promise.resolve() };
  const open = guard.ledger.ready();
  const pulled = isPromise(open)
    ? open.then(() => guard.killSwitch.pull())
    : guard.killSwitch.pull();
  if (!isPromise(pulled)) state.done = true;
  else {
    const waiting = pulled.then(() => {
      state.done = true;
    });
    waiting.catch(() => {});
    state.wait = () => waiting.catch(() => Promise.reject(storeError()));
  }
  return state;
}

/** The common case costs three comparisons; everything else gets a proper error. */
function checkRequest(request: CallRequest): void {
  const kind = request?.kind;
  if ((kind === "model" || kind === "tool") && isShortName(request.name)) return;
  checkMethods("request", request, []);
  checkOneOf("request.kind", kind, ["model", "tool"]);
  checkString("request.name", request.name, MAX_NAME);
}

function isShortName(name: unknown): boolean {
  return typeof name === "string" && name.length > 0 && name.length <= 200;
}

function openCall(guard: GuardRuntime, request: CallRequest): GuardedCall {
  checkRequest(request);
  const frame =
    request.task !== undefined && currentFrame().tasks.length === 0
      ? request.task.run(currentFrame)
      : currentFrame();
  const { clock, ids } = guard.options;
  const target = guard.targets.resolve(
    request.kind,
    request.provider,
    request.name,
    clock.wallMs(),
  );
  return new GuardedCall(guard, ids.next(), request, target, frame);
}

/** Gives back whatever a refused call had taken. */
function undo(guard: GuardRuntime, call: GuardedCall): void {
  call.leave();
  if (!call.reserved) return;
  call.reserved = false;
  const released = guard.ledger.settle([{ id: call.id, as: "released", amounts: [] }]);
  if (isPromise(released)) released.catch(() => guard.counters.settlementErrors++);
  guard.heldQueue.changed();
}

function refuse(guard: GuardRuntime, call: GuardedCall, refusal: Refusal): Error {
  const error = errorFromRefusal(refusal);
  const { id, kind, provider, name, model, context, purpose } = call;
  guard.counters.refused++;
  const atMs = call.startedAtMs;
  guard.sli.recordRefusal({ kind, name, model, context, purpose, code: refusal.code, atMs });
  const event = { id, kind, provider, name, context, error, code: error.code };
  guard.emitter.emit("call-refused", event);
  return error;
}

function closedError(): StoreUnavailableError {
  return new StoreUnavailableError({
    message: "this guard is closed. Make a new one with createGuard.",
    scope: "guard",
  });
}

function storeError(): StoreUnavailableError {
  return new StoreUnavailableError({
    message: "the store could not be opened, so budgets and kills are unknown. Mend the store.",
    scope: "store",
  });
}
