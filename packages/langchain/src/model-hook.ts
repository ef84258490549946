import type { Guard } from "@burnrate/core";
import { className, describeModel } from "./describe-model.ts";
import { type GuardState, stateOf } from "./guard-state.ts";
import type { ModelRunner } from "./model-runner.ts";
import { canSendLimit } from "./output-limit.ts";
import type { Substitutes } from "./substitutes.ts";
import { isWrapper } from "./wrap-once.ts";

/** What a model is, which no call changes. */
interface ModelTraits {
  readonly className: string;
  /** LangChain's `ls_…` parameters. */
  readonly described: unknown;
  readonly canLimit: boolean;
  /** Whether it is what another guard made. */
  readonly isWrapper: boolean;
}

/** What the calls of one guarded model have in common. */
export class ModelHook {
  readonly guard: Guard;
  readonly state: GuardState;
  readonly target: object;
  readonly provider: string | undefined;
  readonly substitutes: Substitutes | undefined;
  /** What the application got in the model's place; undefined until it is made. */
  wrapper: object | undefined;
  /** What runs its calls faster than the wrapper; undefined where nothing else may. */
  runner: ModelRunner | undefined;
  #traits: ModelTraits | undefined;

  constructor(
    guard: Guard,
    target: object,
    provider: string | undefined,
    substitutes: Substitutes | undefined,
  ) {
    this.guard = guard;
    this.state = stateOf(guard);
    this.target = target;
    this.provider = provider;
    this.substitutes = substitutes;
  }

  /** Looked at when the first call is made: four tables need not be asked for each. */
  get traits(): ModelTraits {
    this.#traits ??= {
      className: className(this.target) ?? "model",
      described: describeModel(this.target),
      canLimit: canSendLimit(this.target) && this.substitutes?.canLimit !== false,
      isWrapper: isWrapper(this.target),
    };
    return this.#traits;
  }
}
