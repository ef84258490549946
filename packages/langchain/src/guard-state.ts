import type { Guard, OpenTask, Permit } from "@burnrate/core";
import type { MaybePromise } from "@burnrate/core/adapter";
import { BoundedMap } from "./bounded-map.ts";
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
}

/** A call that a callback opened. */
export interface OpenCall {
  readonly begun: MaybePromise<Permit>;
  /** Once it is admitted. */
  permit: Permit | undefined;
  /** Of a stream, so far. */
  tokens: number;
}

/** What the hooks of one guard know of each other's runs, so that a call seen twice counts once. */
export interface GuardState {
  /** Calls that a callback opened, by run id. */
  readonly calls: BoundedMap<OpenCall>;
  /** Why the newest refused calls were, by run id: a second callback must not ask again. */
  readonly refused: BoundedMap<unknown>;
  /** The implicit task of each run in progress. */
  readonly tasks: BoundedMap<RunTask>;
  /** Whether the guard has a callback at all, that must be told of guarded models. */
  hasCallback: boolean;
  /** Serialized forms of guarded models: their calls are the model hook's to open. */
  readonly guardedModels: WeakSet<object>;
  /** Our callbacks that also guard tools. */
  readonly toolCallbacks: WeakSet<object>;
  /** Models, embeddings and tools that are guarded already. */
  readonly wrappings: Wrappings;
}

const states = new WeakMap<Guard, GuardState>();

/** The state that all hooks of a guard share. */
export function stateOf(guard: Guard): GuardState {
  let state = states.get(guard);
  if (state === undefined) {
    state = {
      calls: new BoundedMap(MAX_RUNS, abandon),
      refused: new BoundedMap<unknown>(MAX_REFUSED, () => undefined),
      tasks: new BoundedMap(MAX_RUNS, ({ task }) => void task.end({ aborted: true })),
      hasCallback: false,
      guardedModels: new WeakSet(),
      toolCallbacks: new WeakSet(),
      wrappings: { originals: new WeakMap(), byOptions: new WeakMap() },
    };
    states.set(guard, state);
  }
  return state;
}

/** A run that is forgotten can no longer be settled: it is charged in full, and counted. */
function abandon({ begun }: OpenCall): void {
  Promise.resolve(begun).then(
    (permit) => permit.fail(undefined, { abandoned: true }),
    () => undefined, // refused: nothing is held
  );
}
