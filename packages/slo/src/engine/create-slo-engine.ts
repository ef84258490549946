import { ConfigError, type Guard } from "@burnrate/core";
import { checkMethods, checkObject, nearest, optionError } from "@burnrate/core/adapter";
import { AnomalyWatch } from "../anomaly/anomaly-watch.ts";
import type { Composite } from "../objective/composite.ts";
import { MINUTE_MS } from "../objective/duration.ts";
import { Absences } from "./absences.ts";
import { ActionRunner } from "./action-runner.ts";
import { checkEngineOptions } from "./check-engine-options.ts";
import { differences } from "./count-differences.ts";
import { mindsRefusals } from "./judge.ts";
import { MatchIndex } from "./match-index.ts";
import { readComposite } from "./read-composite.ts";
import { StatusReader } from "./read-status.ts";
import { type JudgedEvent, toEvent } from "./sample.ts";
import type { ObjectiveCounts, SloEngine, SloEngineOptions } from "./slo-engine.ts";
import { SloEmitter } from "./slo-events.ts";
import { StateSync } from "./state-sync.ts";
import type { ObjectiveStatus } from "./status.ts";
import { steadyClock } from "./steady-clock.ts";
import { Ticker } from "./ticker.ts";
import { Tracker } from "./tracker.ts";
import { Watch } from "./watch.ts";

/** One objective with everything that follows it. */
interface Entry {
  readonly reader: StatusReader;
  /** What counts events for it. */
  readonly trackers: readonly Tracker[];
  readonly actions: ActionRunner;
  readonly watch: Watch;
}

/**
 * Makes an engine that judges events by objectives: budgets, burn, alerts and what is done about
 * them. Recording and reading take the same time whatever came before.
 *
 * @example
 * const engine = createSloEngine({ objectives: [objective({ name: "refunds", sli: "task_success", target: 0.99, window: "30d" })] });
 * engine.attach(guard);
 * engine.status("refunds").remaining;
 * @throws {ConfigError} `BR9001` for an unknown option or a name that is used twice.
 */
export function createSloEngine(options: SloEngineOptions): SloEngine {
  const { objectives, composites, absences: rules, ...rest } = checkEngineOptions(options);
  const { state, syncEveryMs, evaluateEveryMs } = rest;
  const clock = steadyClock(rest.clock);
  const emitter = new SloEmitter();
  const guards = new Set<Guard>();
  const detachers = new Map<Guard, () => Promise<void>>();
  const entries = new Map<string, Entry>();
  const byName = new Map<string, Composite>(composites.map((one) => [one.name, one]));
  const indexes = new Map<string, MatchIndex<Tracker>>();
  const startedAtMs = clock.wallMs();
  const absences = new Absences(rules, emitter, startedAtMs);
  const anomalies = rest.anomalies
    ? new AnomalyWatch(emitter, startedAtMs, evaluateEveryMs)
    : undefined;
  let unmatched = 0;
  let isClosed = false;

  for (const objective of objectives) {
    const tracker = new Tracker(objective, startedAtMs);
    const unrefused = mindsRefusals(objective, state !== undefined)
      ? new Tracker(objective, startedAtMs, true)
      : undefined;
    const reader = unrefused && new StatusReader(unrefused);
    const entry: Entry = {
      reader: new StatusReader(tracker),
      // In this order: what the first begins with from the state port must not hold our own yet.
      trackers: unrefused ? [unrefused, tracker] : [tracker],
      actions: new ActionRunner(tracker, reader, emitter, guards, evaluateEveryMs),
      watch: new Watch(objective.name, emitter),
    };
    entries.set(objective.name, entry);
    const index = indexes.get(objective.sli) ?? new MatchIndex<Tracker>();
    for (const one of entry.trackers) index.add(objective.match, one);
    indexes.set(objective.sli, index);
  }
  const trackers = [...entries.values()].flatMap((entry) => entry.trackers);
  const runners = [...entries.values()].map(({ actions }) => actions);
  const stateSync = state && new StateSync(state, trackers, runners, absences, clock, emitter);

  const take = (event: JudgedEvent): void => {
    const nowMs = clock.wallMs();
    if (absences.size > 0) absences.heard(event, nowMs);
    anomalies?.take(event, nowMs);
    const found = indexes.get(event.sli)?.find(event);
    if (found === undefined || found.length === 0) unmatched++;
    else for (const tracker of found) tracker.take(event, nowMs);
  };

  /** Before the others are asked, two bad of two may be two of a million. */
  const stoodStill = (nowMs: number): boolean =>
    stateSync !== undefined && nowMs - stateSync.atWorkMs > Math.max(MINUTE_MS, 3 * syncEveryMs);

  const look = ({ reader, trackers, watch, actions }: Entry, nowMs: number): void => {
    if (trackers.some(({ isPartial }) => isPartial) || stoodStill(nowMs)) return;
    const status = reader.read(nowMs);
    watch.look(status, nowMs);
    actions.evaluate(status, nowMs, clock.monotonicMs());
  };

  const listen = (nowMs: number): void => {
    if (!stoodStill(nowMs)) absences.evaluate(nowMs);
  };

  const evaluate = (): void => {
    const nowMs = clock.wallMs();
    for (const entry of entries.values()) look(entry, nowMs);
    listen(nowMs);
    anomalies?.evaluate(nowMs);
  };

  const evaluation = new Ticker(clock, evaluateEveryMs, evaluate);
  const exchange = new Ticker(clock, syncEveryMs, () => void stateSync?.sync());
  if (stateSync !== undefined) {
    exchange.start();
    void stateSync.sync();
  }
  if (rules.length > 0 || anomalies !== undefined) evaluation.start();

  const statusOf = (name: string, option = "status.name"): ObjectiveStatus => {
    const entry = entries.get(name);
    if (entry !== undefined) return entry.reader.read(clock.wallMs());
    const composite = byName.get(name);
    if (composite !== undefined) return readOf(composite);
    throw unknownObjective(option, name, [...entries.keys(), ...byName.keys()]);
  };

  const readOf = (composite: Composite): ObjectiveStatus =>
    readComposite(
      composite,
      composite.of.map((name) => statusOf(name)),
    );

  const countsOf = (name: string, option = "counts.name"): ObjectiveCounts => {
    const tracker = entries.get(name)?.reader.tracker;
    if (tracker === undefined) throw unknownObjective(option, name, entries.keys());
    const { good, bad, excluded } = tracker;
    return { good, bad, excluded };
  };

  const self: SloEngine = {
    objectives,
    absenceRules: rules,
    record: (sample) => take(toEvent(sample)),
    status: (name) => statusOf(name),
    statuses: () => [...entries.keys(), ...byName.keys()].map((name) => statusOf(name)),
    counts: (name) => countsOf(name),
    crossCheck: (exported) =>
      Object.keys(checkObject("crossCheck", exported)).flatMap((name) =>
        differences(
          name,
          countsOf(name, "crossCheck.name"),
          exported[name] as Partial<ObjectiveCounts>,
        ),
      ),
    lastHeard: () => absences.lastHeard(),
    absences() {
      const nowMs = clock.wallMs();
      listen(nowMs);
      return absences.absent(nowMs);
    },
    isFrozen(name) {
      if (name !== undefined) statusOf(name, "isFrozen.name");
      const asked =
        name === undefined ? [...entries.keys()] : [name, ...(byName.get(name)?.of ?? [])];
      return asked.some((one) => {
        const entry = entries.get(one);
        if (entry?.actions.canFreeze && !isClosed) look(entry, clock.wallMs());
        return entry?.actions.isFrozen;
      });
    },
    attach(guard) {
      refuseWhen(isClosed, "attach");
      checkMethods("attach.guard", guard, ["kill", "on"]);
      const known = detachers.get(guard);
      if (known !== undefined) return known;
      const stops: (() => void)[] = [];
      try {
        for (const { actions } of entries.values()) actions.offerModels(guard, stops);
      } catch (error) {
        for (const stop of stops) stop();
        throw error;
      }
      stops.push(
        guard.sli.subscribe(take),
        guard.on("kill-revived", ({ kill }) => {
          for (const { actions } of entries.values()) actions.revived(guard, kill, clock.wallMs());
        }),
      );
      guards.add(guard);
      evaluation.start();
      const detach = async (): Promise<void> => {
        if (!guards.delete(guard)) return;
        detachers.delete(guard);
        for (const stop of stops) stop();
        for (const { actions } of entries.values()) await actions.letGo(guard);
      };
      detachers.set(guard, detach);
      return detach;
    },
    on(event, listener) {
      refuseWhen(isClosed, "on");
      const stop = emitter.on(event, listener);
      evaluation.start();
      return stop;
    },
    evaluate,
    sync: async () => stateSync?.sync(),
    metrics: () => ({
      unmatched,
      unwatched: anomalies?.dropped ?? 0,
      listenerErrors: emitter.errors,
    }),
    async close() {
      isClosed = true;
      evaluation.stop();
      exchange.stop();
      for (const detach of [...detachers.values()]) await detach();
      await stateSync?.sync();
    },
    [Symbol.asyncDispose]: () => self.close(),
  };
  return self;
}

function refuseWhen(isClosed: boolean, scope: string): void {
  if (!isClosed) return;
  const message = `${scope}: this engine is closed. Make a new one with createSloEngine.`;
  throw new ConfigError({ message, scope });
}

function unknownObjective(path: string, name: unknown, known: Iterable<string>): ConfigError {
  return optionError(path, name, "the name of an objective", {
    nearest: typeof name === "string" ? nearest(name, known) : undefined,
  });
}
