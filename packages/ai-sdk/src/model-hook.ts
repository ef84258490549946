import type { Guard, Permit } from "@burnrate/core";
import { beginAtOnce, checkString, isPromise, withClaim } from "@burnrate/core/adapter";
import { checkGuard, checkOptions } from "./check-arguments.ts";
import { noteNeverSent, usedBy } from "./guarded.ts";
import { joinCall, joinedParams, noteFailure, takeFailure } from "./joined-calls.ts";
import type { Method } from "./method.ts";
import { runRegistry } from "./run-registry.ts";
import { claimKey, takeOuter } from "./same-call.ts";
import type { CallParams, ModelIdentity, ModelObject } from "./sdk-types.ts";
import { checkModels, type Fit, type Substitutes } from "./substitutes.ts";
import { toEnd, toError } from "./to-error.ts";

/** Options of every hook on models. */
export interface GuardModelOptions {
  /**
   * Whose prices apply, when the model's own provider name does not say: an OpenAI-compatible
   * gateway named `acme` may still bill as `openai`.
   */
  readonly provider?: string;
  /**
   * Models to call in the place of a guarded one, by key: for thresholds with `{ downgrade: key }`
   * and for fallbacks of the breaker. Of the same kind and specification as the guarded one.
   */
  readonly models?: Readonly<Record<string, ModelObject>>;
}

/** Puts one guard in front of any method of any model. */
export interface ModelHook {
  readonly guard: Guard;
  /** The option of that name. */
  readonly provider: string | undefined;
  readonly substitutes: Substitutes | undefined;
  call<P extends CallParams, T>(
    model: ModelIdentity,
    params: P,
    method: Method<P, T>,
  ): PromiseLike<T>;
}

/**
 * @throws {ConfigError} `BR9001` when something else than a guard or a known option is handed in.
 */
export function createModelHook(
  hook: string,
  guard: Guard,
  options: GuardModelOptions = {},
  fit: Fit = "all must fit",
): ModelHook {
  checkGuard(hook, guard);
  const { provider, models } = checkOptions(hook, options, ["provider", "models"]);
  const billedBy = provider === undefined ? undefined : checkString(`${hook}.provider`, provider);
  const substitutes =
    models === undefined ? undefined : checkModels(guard, `${hook}.models`, models, fit);
  const runs = runRegistry(guard);
  const by = hook === "guardTelemetry" ? "telemetry" : "request";

  /** Admits a request and sends it, so that an inner hook on the same call adopts the permit. */
  function call<P extends CallParams, T>(
    model: ModelIdentity,
    params: P,
    method: Method<P, T>,
  ): PromiseLike<T> {
    const outer = takeOuter(guard, model.modelId, params, by);
    return outer === undefined
      ? attempt(model, params, method)
      : join(outer, model, params, method);
  }

  /**
   * Sends a request that a hook around this one was admitted for, and settles it if it is answered.
   */
  async function join<P extends CallParams, T>(
    permit: Permit,
    model: ModelIdentity,
    params: P,
    method: Method<P, T>,
  ): Promise<T> {
    const depth = joinCall(permit);
    let result: T;
    try {
      const send = () => method.send(model, joinedParams(params, permit, method));
      result = await withClaim(claimKey(guard, model.modelId, by, params), permit, send);
    } catch (thrown) {
      const error = toError(thrown, permit);
      noteFailure(permit, toEnd(error));
      throw error;
    }
    const made = { permit, depth, run: undefined, runs, params, method };
    const settling = method.settle(made, result);
    if (settling !== undefined) await settling;
    return method.handOn(made, result);
  }

  /** One function for the whole way: each that is awaited on it costs 0.2 µs. */
  async function attempt<P extends CallParams, T>(
    asked: ModelIdentity,
    params: P,
    method: Method<P, T>,
  ): Promise<T> {
    const run = runs.forStep(params);
    let permit: Permit | undefined;
    let model: ModelIdentity | undefined;
    let result: T;
    try {
      const request = method.toCall(asked, params, billedBy, run?.task);
      const offered = substitutes?.offeredFor(asked);
      if (offered !== undefined) request.models = offered;
      const begun = beginAtOnce(guard, request);
      const admitted = isPromise(begun) ? await begun : begun;
      permit = admitted;
      const called = chosen(admitted, asked, substitutes);
      model = called;
      admitted.dispatched();
      const send = () => method.send(called, method.toParams(params, admitted));
      result = await withClaim(claimKey(guard, called.modelId, by, params), admitted, send);
    } catch (thrown) {
      const error = await failed(permit, thrown, model);
      runs.failed(run, params, error);
      throw error;
    }
    const made = { permit, depth: 0, run, runs, params, method };
    try {
      const settling = method.settle(made, result);
      if (settling !== undefined) await settling;
    } catch (error) {
      void permit.fail(error); // an answer that cannot be read; a verdict comes after the end
      runs.failed(run, params, error);
      throw error;
    }
    return method.handOn(made, result);
  }

  return { guard, provider: billedBy, substitutes, call };
}

/** Ends a call that threw, as the innermost hook on it saw that, and says what to throw. */
async function failed(
  permit: Permit | undefined,
  thrown: unknown,
  model: ModelIdentity | undefined,
): Promise<unknown> {
  if (permit === undefined) {
    noteNeverSent(thrown);
    return thrown;
  }
  const error = toError(thrown, permit);
  const inside = takeFailure(permit);
  if (inside === undefined) await permit.fail(toEnd(error), usedBy(model, thrown));
  else await permit.fail(inside.error);
  return error;
}

/** The model that the guard wants called. */
function chosen(
  { substitute }: Permit,
  asked: ModelIdentity,
  substitutes: Substitutes | undefined,
): ModelIdentity {
  return substitute === undefined ? asked : (substitutes?.get(substitute) ?? asked);
}
