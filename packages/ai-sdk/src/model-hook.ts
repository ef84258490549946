import type { Guard, Permit } from "@burnrate/core";
import { type ClaimKey, checkString, takeClaim, withClaim } from "@burnrate/core/adapter";
import { checkGuard, checkOptions } from "./check-arguments.ts";
import type { Run } from "./run.ts";
import { type RunRegistry, runRegistry } from "./run-registry.ts";
import type { CallOptions, GenerateResult, ModelFace, StreamResult } from "./sdk-types.ts";
import { settleStream } from "./stream.ts";
import { toCall, toGuardedParams } from "./to-call.ts";
import { toError } from "./to-error.ts";
import { outputOf, toolCallIdsOf } from "./to-outcome.ts";
import { toUsage } from "./to-usage.ts";
import { warnAboutUsage } from "./warn-about-usage.ts";

/** Options of `guardModel` and `guardMiddleware`. */
export interface GuardModelOptions {
  /**
   * Whose prices apply, when the model's own provider name does not say: an OpenAI-compatible
   * gateway named `acme` may still bill as `openai`.
   */
  readonly provider?: string;
}

/** What a request needs from begin to end. */
export interface Attempt {
  readonly permit: Permit;
  readonly run: Run | undefined;
  readonly runs: RunRegistry;
  readonly params: CallOptions;
}

type Send<T> = (model: ModelFace, params: CallOptions) => PromiseLike<T>;
type Settle<T> = (attempt: Attempt, result: T) => Promise<T>;

/** Puts one guard in front of any language model's two methods. */
export interface ModelHook {
  generate(model: ModelFace, params: CallOptions): PromiseLike<GenerateResult>;
  stream(model: ModelFace, params: CallOptions): PromiseLike<StreamResult>;
}

/** @throws {ConfigError} `BR9001` when something else than a guard or a known option is handed in. */
export function createModelHook(
  hook: string,
  guard: Guard,
  options: GuardModelOptions = {},
): ModelHook {
  checkGuard(hook, guard);
  const { provider } = checkOptions(hook, options, ["provider"]);
  const billedBy = provider === undefined ? undefined : checkString(`${hook}.provider`, provider);
  const runs = runRegistry(guard);

  /** Admits a request and sends it, so that an inner hook on the same call adopts the permit. */
  function guarded<T extends GenerateResult | StreamResult>(
    model: ModelFace,
    params: CallOptions,
    send: Send<T>,
    settle: Settle<T>,
  ): PromiseLike<T> {
    const key: ClaimKey = { guard, kind: "model", name: model.modelId };
    const adopted = takeClaim(key);
    if (adopted !== undefined) return withClaim(key, adopted, () => send(model, params));
    const run = runs.forStep(params);
    const go = (): Promise<T> => attempt(model, params, key, run, send, settle);
    return run === undefined ? go() : run.task.run(go);
  }

  async function attempt<T extends GenerateResult | StreamResult>(
    model: ModelFace,
    params: CallOptions,
    key: ClaimKey,
    run: Run | undefined,
    send: Send<T>,
    settle: Settle<T>,
  ): Promise<T> {
    let permit: Permit | undefined;
    let result: T;
    try {
      const admitted = await guard.begin(toCall(model, params, billedBy));
      permit = admitted;
      admitted.dispatched();
      result = await withClaim(key, admitted, () => send(model, toGuardedParams(params, admitted)));
    } catch (thrown) {
      const error = permit === undefined ? thrown : toError(thrown, permit);
      await permit?.fail(error);
      if (run !== undefined) runs.failed(run, params, error);
      throw error;
    }
    return await settle({ permit, run, runs, params }, result);
  }

  return {
    generate: (model, params) => guarded(model, params, sendWhole, settleAnswer),
    stream(model, params) {
      warnAboutUsage(guard, model);
      return guarded(model, params, sendStreamed, settleStreamed);
    },
  };
}

const sendWhole: Send<GenerateResult> = (model, params) => model.doGenerate(params);
const sendStreamed: Send<StreamResult> = (model, params) => model.doStream(params);

async function settleAnswer(attempt: Attempt, result: GenerateResult): Promise<GenerateResult> {
  const { permit, run, runs, params } = attempt;
  const usage = toUsage(result?.usage, result?.providerMetadata);
  try {
    await permit.settle({
      ...(usage && { usage }),
      ...(permit.wantsOutput && { output: outputOf(result) }),
    });
  } catch (error) {
    if (run !== undefined) runs.failed(run, params, error);
    throw error;
  }
  if (run !== undefined) runs.stepped(run, params, toolCallIdsOf(result));
  return result;
}

async function settleStreamed(attempt: Attempt, result: StreamResult): Promise<StreamResult> {
  if (typeof result?.stream?.getReader === "function") {
    return { ...result, stream: settleStream(result.stream, attempt) };
  }
  await attempt.permit.settle({}); // no stream at all: the framework will say so
  attempt.run?.end();
  return result;
}
