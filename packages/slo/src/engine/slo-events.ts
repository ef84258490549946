import { checkFunction, checkOneOf } from "@burnrate/core/adapter";
import type { ActionKind } from "../objective/action.ts";
import type { AlertStatus, ObjectiveState } from "./status.ts";

/** Something was done because of an objective, or was taken back. */
export interface ActionEvent {
  readonly objective: string;
  readonly do: ActionKind;
  /** The hook's model key, or the circuit. */
  readonly target: string | undefined;
  /** In plain words: why it began; when it was taken back, what ended it and why it had begun. */
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** Events of an engine by name. Listeners that throw are counted, never heard by anyone else. */
export interface SloEvents {
  readonly "alert-fired": AlertStatus & { readonly objective: string; readonly atMs: number };
  readonly "alert-resolved": AlertStatus & { readonly objective: string; readonly atMs: number };
  readonly "state-changed": {
    readonly objective: string;
    readonly from: ObjectiveState;
    readonly to: ObjectiveState;
    readonly atMs: number;
  };
  readonly "action-engaged": ActionEvent;
  readonly "action-released": ActionEvent;
  /** The guard, or its store, refused; it is tried again. `message` is ours. */
  readonly "action-failed": ActionEvent & { readonly message: string };
  /** Nothing was heard of somebody for too long. */
  readonly "absence-detected": AbsenceEvent;
  readonly "absence-ended": AbsenceEvent;
  /** Latency, cost or volume is not as usual. */
  readonly "anomaly-detected": AnomalyEvent;
  readonly "anomaly-ended": AnomalyEvent;
  /** The state port did not answer; what was counted is kept and handed over later. */
  readonly "state-unavailable": { readonly atMs: number };
}

/** An absence rule, and since when nothing was heard. */
export interface AbsenceEvent {
  readonly rule: string;
  readonly lastEventAtMs: number;
  readonly atMs: number;
  /** In plain words. */
  readonly text: string;
}

/** A series that is not as it was. */
export interface AnomalyEvent {
  readonly metric: "latency" | "cost" | "volume";
  readonly agent: string | undefined;
  /** The model or tool; undefined for the cost of a task. */
  readonly name: string | undefined;
  /** Milliseconds, nano-dollars, or calls in five minutes. */
  readonly value: number;
  readonly usual: number;
  /** In standard deviations of what is usual. */
  readonly score: number;
  readonly atMs: number;
  /** In plain words. */
  readonly text: string;
}

/** Names that `engine.on` takes. */
export type SloEventName = keyof SloEvents;

const NAMES: readonly SloEventName[] = [
  "alert-fired",
  "alert-resolved",
  "state-changed",
  "action-engaged",
  "action-released",
  "action-failed",
  "absence-detected",
  "absence-ended",
  "anomaly-detected",
  "anomaly-ended",
  "state-unavailable",
];

type Listener<N extends SloEventName> = (event: SloEvents[N]) => void;

/** Tells listeners; what they throw is counted. */
export class SloEmitter {
  errors = 0;
  readonly #listeners = new Map<SloEventName, readonly Listener<never>[]>();

  /** @throws {ConfigError} `BR9001` for an event that does not exist. */
  on<N extends SloEventName>(name: N, listener: Listener<N>): () => void {
    checkOneOf("on.event", name, NAMES);
    checkFunction("on.listener", listener);
    const own: Listener<N> = (event) => listener(event);
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), own as Listener<never>]);
    return () => {
      const left = (this.#listeners.get(name) ?? []).filter((other) => other !== own);
      this.#listeners.set(name, left);
    };
  }

  emit<N extends SloEventName>(name: N, event: SloEvents[N]): void {
    const listeners = (this.#listeners.get(name) ?? []) as readonly Listener<N>[];
    for (const listener of listeners) {
      try {
        const returned: unknown = listener(event);
        // An async function fits the type; its rejection must not end the process.
        if (returned instanceof Promise) returned.catch(() => this.errors++);
      } catch {
        this.errors++;
      }
    }
  }
}
