import { controlBreaker, readCircuits } from "../breaker/control-breaker.ts";
import { killOf } from "../call/kill-of.ts";
import { checkFunction } from "../config/check-object.ts";
import { currentFrame, runInFrame } from "../context/context-frame.ts";
import { extendContext } from "../context/extend-context.ts";
import { ConfigError } from "../errors/config-error.ts";
import { withAnyKills } from "../kill/any-kills.ts";
import { killedHere } from "../kill/killed-here.ts";
import type { Exporter } from "../ports/exporter.ts";
import { openTask } from "../task/open-task.ts";
import { runTask } from "../task/run-task.ts";
import { createBegin } from "./begin-call.ts";
import { kill, revive } from "./control.ts";
import { createDowngrade } from "./downgrade.ts";
import type { Guard } from "./guard.ts";
import type { GuardRuntime } from "./guard-runtime.ts";
import { Lifecycle } from "./lifecycle.ts";
import type { GuardOptions } from "./options.ts";
import { readBudgets } from "./read-budgets.ts";
import { readMetrics } from "./read-metrics.ts";
import { reconcile } from "./reconcile.ts";
import { setBudget } from "./set-budget.ts";
import { warnIfVolatile } from "./warn-if-volatile.ts";
import { wireGuard } from "./wire-guard.ts";

/**
 * Makes the one guard of a process: budgets, kill switch, indicators and evaluators on every call
 * that its hooks see.
 *
 * @example
 * const guard = createGuard({ budgets: ["$5/day", "$0.50/task"], prices: createPriceBook() });
 * @throws {ConfigError} `BR9001` when an option is wrong: says which, and the nearest spelling.
 */
export function createGuard(options: GuardOptions = {}): Guard {
  const guard = wireGuard(options);
  const lifecycle = new Lifecycle(guard);
  warnIfVolatile(guard);
  const begin = createBegin(guard, lifecycle);

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= lifecycle.close().then(() => detach(attached, guard, self));
    return closing;
  };

  const self: Guard = {
    begin,
    async run(request, fn) {
      checkFunction("run.fn", fn);
      const permit = await begin(request);
      let result: Awaited<ReturnType<typeof fn>>;
      try {
        permit.dispatched();
        result = await fn(permit);
      } catch (error) {
        await permit.fail(error);
        throw killOf(permit) ?? error;
      }
      const kill = result?.outcome === "cached" ? undefined : killOf(permit);
      if (kill !== undefined) {
        await permit.fail(kill, result ?? {});
        throw kill;
      }
      await permit.settle(result);
      if (typeof result === "object" && result !== null) return result.value;
      throw noResult(result);
    },
    task: (info, fn) => runTask(guard, info, fn),
    openTask: (info) => openTask(guard, info),
    with(context, fn) {
      const frame = currentFrame();
      const inner = extendContext(frame.context, context);
      return runInFrame(Object.freeze({ ...frame, context: inner }), fn);
    },
    addSources: (sources) => guard.sources.add(currentFrame(), sources),
    context: () => currentFrame().context,
    kill: (target, killOptions) => kill(guard, target, killOptions),
    revive: async (killId, reviveOptions) => {
      await lifecycle.opened(); // what is in force is known from then on
      await revive(guard, killId, reviveOptions);
    },
    killed: withAnyKills(
      () => killedHere(guard, currentFrame()),
      () => guard.killSwitch.size > 0,
    ),
    get modelKeys() {
      return modelKeysOf(guard);
    },
    kills: () => guard.killSwitch.list(),
    downgrade: createDowngrade(guard),
    breaker: controlBreaker(guard),
    circuits: () => readCircuits(guard),
    setBudget: async (id, change, reason) => {
      await lifecycle.opened();
      await setBudget(guard, id, change, reason);
    },
    reconcile: async (rows, reason) => {
      await lifecycle.opened(); // limits and the store's time are known from then on
      return reconcile(guard, rows, reason);
    },
    budgets: async (options) => {
      await lifecycle.opened(); // from then on it is known what time it is for the store
      return readBudgets(guard, options);
    },
    on: (event, listener) => guard.emitter.on(event, listener),
    sli: { subscribe: (listener) => guard.sli.subscribe(listener) },
    metrics: () => readMetrics(guard),
    close,
    [Symbol.asyncDispose]: close,
  };
  const attached: Exporter[] = [];
  try {
    lifecycle.followSources();
    for (const exporter of guard.options.exporters ?? []) {
      exporter.attach?.(self);
      attached.push(exporter);
    }
  } catch (error) {
    lifecycle.stopSources();
    detach(attached, guard, self);
    throw error;
  }
  void lifecycle.opened(); // last of all: a guard that could not be made has joined nobody
  return self;
}

/** They may outlive the guard, and need not keep it. */
function detach(exporters: readonly Exporter[], { counters }: GuardRuntime, self: Guard): void {
  for (const exporter of exporters) {
    try {
      exporter.detach?.(self);
    } catch {
      counters.exporterErrors++;
    }
  }
}

/** What it returned instead may be the answer itself, of which nothing may be in a message. */
function noResult(result: unknown): ConfigError {
  const kind = result === null ? "null" : typeof result;
  return new ConfigError({
    message: `run.fn must be a function that returns an object with a value; got ${kind}.`,
    scope: "run.fn",
    details: { option: "run.fn", given: kind },
  });
}

function modelKeysOf({ options, downgrades }: GuardRuntime): readonly string[] | undefined {
  if (options.breaker?.hasFallbacks === true) return undefined;
  const thresholds = options.budgets.flatMap((budget) => budget.thresholds);
  const keys = thresholds.flatMap(({ do: action }) =>
    typeof action === "object" ? [action.downgrade] : [],
  );
  return Object.freeze([...new Set([...keys, ...downgrades.keys()])]);
}
