import type { Guard, Permit } from "@burnrate/core";
import {
  beginAtOnce,
  type ClaimKey,
  checkString,
  isPromise,
  takeClaim,
  withClaim,
} from "@burnrate/core/adapter";
import { adoptedParams } from "./bare-permits.ts";
import { checkGuard, checkOptions } from "./check-arguments.ts";
import type { Method } from "./method.ts";
import { runRegistry } from "./run-registry.ts";
import type { CallParams, ModelIdentity, ModelObject } from "./sdk-types.ts";
import { checkModels, type Fit, type Substitutes } from "./substitutes.ts";
import { toError } from "./to-error.ts";

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
  readonly substitutes: Substitutes | undefined;
  call<P extends CallParams, T>(
    model: ModelIdentity,
    params: P,
    method: Method<P, T>,
  ): PromiseLike<T>;
}

/** @throws {ConfigError} `BR9001` when something else than a guard or a known option is handed in. */
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

  /** Admits a request and sends it, so that an inner hook on the same call adopts the permit. */
  function call<P extends CallParams, T>(
    model: ModelIdentity,
    params: P,
    method: Method<P, T>,
  ): PromiseLike<T> {
    const key: ClaimKey = { guard, kind: "model", name: model.modelId };
    const adopted = takeClaim(key);
    if (adopted === undefined) return attempt(model, params, key, method);
    const sent = adoptedParams(params, adopted, method);
    return withClaim(key, adopted, () => method.send(model, sent));
  }

  /** One function for the whole way: each that is awaited on it costs 0.2 µs. */
  async function attempt<P extends CallParams, T>(
    asked: ModelIdentity,
    params: P,
    askedKey: ClaimKey,
    method: Method<P, T>,
  ): Promise<T> {
    const run = runs.forStep(params);
    let permit: Permit | undefined;
    let result: T;
    try {
      const request = method.toCall(asked, params, billedBy, run?.task);
      const offered = substitutes?.offeredFor(asked);
      if (offered !== undefined) request.models = offered;
      const begun = beginAtOnce(guard, request);
      const admitted = isPromise(begun) ? await begun : begun;
      permit = admitted;
      const model = chosen(admitted, asked, substitutes);
      const key = model === asked ? askedKey : { ...askedKey, name: model.modelId };
      admitted.dispatched();
      const send = () => method.send(model, method.toParams(params, admitted));
      result = await withClaim(key, admitted, send);
    } catch (thrown) {
      const error = permit === undefined ? thrown : toError(thrown, permit);
      await permit?.fail(error);
      runs.failed(run, params, error);
      throw error;
    }
    const made = { permit, run, runs, params, method };
    const settling = method.settle(made, result);
    try {
      if (settling !== undefined) await settling;
    } catch (error) {
      runs.failed(run, params, error);
      throw error;
    }
    return method.handOn(made, result);
  }

  return { guard, substitutes, call };
}

/** The model that the guard wants called. */
function chosen(
  { substitute }: Permit,
  asked: ModelIdentity,
  substitutes: Substitutes | undefined,
): ModelIdentity {
  return substitute === undefined ? asked : (substitutes?.get(substitute) ?? asked);
}
