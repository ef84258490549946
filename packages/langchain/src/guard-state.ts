import type { Guard, OpenTask, Permit } from "@burnrate/core";
import type { MaybePromise } from "@burnrate/core/adapter";
import { BoundedMap } from "./bounded-map.ts";
import type { LoneRun } from "./lone-run.ts";
import { NOTHING_SENT } from "./never-sent.ts";
import type { Wrappings } from "./wrap-once.ts";

const MAX_RUNS = 10_000;
/** Callbacks of one run are told of its start together: nobody asks for older ones. */
const MAX_REFUSED = 64;

/** The task of a framework run, and the run that opened it. */
export interface RunTask {
  readonly task: OpenTask;
  readonly ownerRunId: string;
  /** Something in the run waits for somebody; it goes on in another run. */
  paused: boolean;
  /** The caller's signal, as the newest call in the run has it. */
  signal: unknown;
  /** Where the run is one call; undefined for chains, graphs and retrievers. */
  readonly lone: LoneRun | undefined;
}

/** What is to be ended and forgotten when nobody has a run any more. */
export type LeftRun = Pick<RunTask, "task" | "ownerRunId">;

/**
 * The metadata of a run's start: LangChain hands one object to all callbacks and makes another for
 * the next run, which an application may give the same id.
 */
export type RunStart = unknown;

/** A call that a callback opened. */
export interface OpenCall {
  readonly start: RunStart;
  readonly begun: MaybePromise<Permit>;
  /** Once it is admitted. */
  permit: Permit | undefined;
  /** Of a stream, so far. */
  tokens: number;
  /** Whether the model waits for what is made of its tokens. */
  readonly awaitsTokens?: boolean;
}

/** A run that was refused. */
interface RefusedRun {
  readonly start: RunStart;
  readonly error: unknown;
}

/** What the hooks of one guard know of each other's runs, so that a call seen twice counts once. */
export interface GuardState {
  /** Calls that a callback opened, by run id. */
  readonly calls: BoundedMap<OpenCall>;
  /** Why the newest refused calls were, by run id: a second callback must not ask again. */
  readonly refused: BoundedMap<RefusedRun>;
  /** The implicit task of each run in progress. */
  readonly tasks: BoundedMap<RunTask>;
  /**
   * Ends the tasks of chains and graphs whose streams were left, by what only a run has. No signal is
   * held for that: the reason for which one fired holds what was called, and so the run.
   */
  readonly leftRuns: FinalizationRegistry<LeftRun>;
  /** Runs of one call that are in progress, oldest first. */
  readonly loneRuns: Set<LoneRun>;
  /** Whether the guard has a callback at all, that must be told of guarded models. */
  hasCallback: boolean;
  /** Serialized forms of guarded models: their calls are the model hook's to open. */
  readonly guardedModels: WeakSet<object>;
  /** Names of the tools that models asked for, by the ids of those calls. */
  readonly askedTools: BoundedMap<string>;
  /** Our callbacks. */
  readonly callbacks: WeakSet<object>;
  /** Those that also guard tools. */
  readonly toolCallbacks: WeakSet<object>;
  /** Models, embeddings and tools that are guarded already. */
  readonly wrappings: Wrappings;
}

const states = new WeakMap<Guard, GuardState>();
/** Those that have a callback: a run that one guard refuses is over for the others, too. */
const withCallback = new Set<WeakRef<GuardState>>();

/** The state that all hooks of a guard share. */
export function stateOf(guard: Guard): GuardState {
  let state = states.get(guard);
  if (state === undefined) {
    const tasks = new BoundedMap<RunTask>(MAX_RUNS, ({ task, lone }) => {
      if (lone === undefined) void task.end({ aborted: true });
      else lone.abandon();
    });
    state = {
      calls: new BoundedMap(MAX_RUNS, abandon),
      refused: new BoundedMap<RefusedRun>(MAX_REFUSED, () => undefined),
      tasks,
      leftRuns: new FinalizationRegistry(({ task, ownerRunId }) => {
        if (tasks.get(ownerRunId)?.task === task) tasks.delete(ownerRunId);
        void task.end({ aborted: true });
      }),
      loneRuns: new Set(),
      hasCallback: false,
      guardedModels: new WeakSet(),
      askedTools: new BoundedMap<string>(MAX_RUNS, () => undefined),
      callbacks: new WeakSet(),
      toolCallbacks: new WeakSet(),
      wrappings: { originals: new WeakMap(), byOptions: new WeakMap() },
    };
    states.set(guard, state);
    const { loneRuns } = state;
    guard.on?.("reservation-expired", ({ id }) => {
      for (const run of loneRuns) if (run.follows(id)) return run.abandon(); // mostly the first
    });
  }
  return state;
}

/** The state of a guard that has a callback from now on. */
export function stateWithCallback(guard: Guard): GuardState {
  const state = stateOf(guard);
  if (!state.hasCallback) withCallback.add(new WeakRef(state));
  state.hasCallback = true;
  return state;
}

/**
 * A callback has refused a run, so nothing of it is sent: LangChain tells no other callback, and what
 * those of other guards opened, or are about to, would stay held.
 */
export function refuseRun(runId: string, refusal: RefusedRun): void {
  for (const reference of withCallback) {
    const state = reference.deref();
    if (state === undefined) withCallback.delete(reference);
    else refuseIn(state, runId, refusal);
  }
}

function refuseIn({ calls, refused, tasks }: GuardState, runId: string, refusal: RefusedRun): void {
  refused.set(runId, refusal);
  const run = tasks.take(runId);
  if (run?.ownerRunId === runId)
    void (run.lone?.fail(refusal.error) ?? run.task.end({ error: refusal.error }));
  const call = calls.get(runId);
  if (call === undefined || call.start !== refusal.start) return;
  calls.delete(runId);
  Promise.resolve(call.begun).then(
    (permit) => permit.fail(refusal.error, NOTHING_SENT),
    () => undefined,
  );
}

/** A run that is forgotten can no longer be settled: it is charged in full, and counted. */
export function abandon({ begun }: OpenCall): void {
  Promise.resolve(begun).then(
    (permit) => permit.fail(undefined, { abandoned: true }),
    () => undefined, // refused: nothing is held
  );
}
