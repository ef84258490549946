import type { Guard, Permit } from "@burnrate/core";
import { type ClaimKey, takeClaim, withClaim } from "@burnrate/core/adapter";
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

/** Puts one guard in front of any language model's two methods. */
export interface ModelHook {
  generate(model: ModelFace, params: CallOptions): Promise<GenerateResult>;
  stream(model: ModelFace, params: CallOptions): Promise<StreamResult>;
}

/** @throws {ConfigError} `BR9001` when something else than a guard or a known option is handed in. */
export function createModelHook(
  hook: string,
  guard: Guard,
  options: GuardModelOptions = {},
): ModelHook {
  checkGuard(hook, guard);
  checkOptions(hook, options, ["provider"]);
  const runs = runRegistry(guard);

  const open = async (model: ModelFace, params: CallOptions): Promise<Attempt> => {
    const run = runs.forStep(params);
    try {
      const permit = await guard.begin(toCall(model, params, options, run?.task));
      return { permit, run, runs, params };
    } catch (error) {
      run?.failed(error, params.abortSignal?.aborted === true);
      throw error;
    }
  };

  /** Sends the request, so that an inner hook on the same call adopts the permit. */
  const send = async <T>(
    key: ClaimKey,
    { permit, run, params }: Attempt,
    call: (guarded: CallOptions) => PromiseLike<T>,
  ): Promise<T> => {
    try {
      permit.dispatched();
      const claimed = (): PromiseLike<T> =>
        withClaim(key, permit, () => call(toGuardedParams(params, permit)));
      return await (run === undefined ? claimed() : run.task.run(claimed));
    } catch (thrown) {
      const error = toError(thrown, permit);
      await permit.fail(error);
      run?.failed(error, params.abortSignal?.aborted === true);
      throw error;
    }
  };

  return {
    async generate(model, params) {
      const key = { guard, kind: "model", name: model.modelId } as const;
      const adopted = takeClaim(key);
      if (adopted !== undefined)
        return await withClaim(key, adopted, () => model.doGenerate(params));
      const attempt = await open(model, params);
      const result = await send(key, attempt, (guarded) => model.doGenerate(guarded));
      await settle(attempt, result);
      return result;
    },
    async stream(model, params) {
      const key = { guard, kind: "model", name: model.modelId } as const;
      const adopted = takeClaim(key);
      if (adopted !== undefined) return await withClaim(key, adopted, () => model.doStream(params));
      warnAboutUsage(guard, model);
      const attempt = await open(model, params);
      const result = await send(key, attempt, (guarded) => model.doStream(guarded));
      if (typeof result?.stream?.getReader === "function") {
        return { ...result, stream: settleStream(result.stream, attempt) };
      }
      await attempt.permit.settle({}); // no stream at all: the framework will say so
      attempt.run?.end();
      return result;
    },
  };
}

async function settle({ permit, run, runs }: Attempt, result: GenerateResult): Promise<void> {
  const usage = toUsage(result?.usage, result?.providerMetadata);
  try {
    await permit.settle({
      ...(usage && { usage }),
      ...(permit.wantsOutput && { output: outputOf(result) }),
    });
  } catch (error) {
    run?.failed(error, false);
    throw error;
  }
  if (run !== undefined) runs.stepped(run, toolCallIdsOf(result));
}
