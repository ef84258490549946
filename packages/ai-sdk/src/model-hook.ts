import type { Guard, Permit, Usage } from "@burnrate/core";
import {
  beginAtOnce,
  type ClaimKey,
  checkString,
  isDone,
  isPromise,
  takeClaim,
  withClaim,
} from "@burnrate/core/adapter";
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

/** What `doGenerate` and `doStream` do differently. */
interface Method<T> {
  send(model: ModelFace, params: CallOptions): PromiseLike<T>;
  /** Settles what is whole; undefined when there is nothing to wait for, or the stream's end will. */
  settle(attempt: Attempt, result: T): Promise<unknown> | undefined;
  /** What the framework gets. */
  handOn(attempt: Attempt, result: T): T;
}

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
  function guarded<T>(model: ModelFace, params: CallOptions, method: Method<T>): PromiseLike<T> {
    const key: ClaimKey = { guard, kind: "model", name: model.modelId };
    const adopted = takeClaim(key);
    if (adopted !== undefined) return withClaim(key, adopted, () => method.send(model, params));
    return attempt(model, params, key, method);
  }

  /** One function for the whole way: each that is awaited on it costs 0.2 µs. */
  async function attempt<T>(
    model: ModelFace,
    params: CallOptions,
    key: ClaimKey,
    method: Method<T>,
  ): Promise<T> {
    const run = runs.forStep(params);
    let permit: Permit | undefined;
    let result: T;
    try {
      const begun = beginAtOnce(guard, toCall(model, params, billedBy, run?.task));
      const admitted = isPromise(begun) ? await begun : begun;
      permit = admitted;
      admitted.dispatched();
      const send = () => method.send(model, toGuardedParams(params, admitted));
      result = await withClaim(key, admitted, send);
    } catch (thrown) {
      const error = permit === undefined ? thrown : toError(thrown, permit);
      await permit?.fail(error);
      runs.failed(run, params, error);
      throw error;
    }
    const made: Attempt = { permit, run, runs, params };
    const settling = method.settle(made, result);
    try {
      if (settling !== undefined) await settling;
    } catch (error) {
      runs.failed(run, params, error);
      throw error;
    }
    return method.handOn(made, result);
  }

  return {
    generate: (model, params) => guarded(model, params, whole),
    stream(model, params) {
      warnAboutUsage(guard, model);
      return guarded(model, params, streamed);
    },
  };
}

const whole: Method<GenerateResult> = {
  send: (model, params) => model.doGenerate(params),
  settle({ permit }, result) {
    const usage = toUsage(result?.usage, result?.providerMetadata);
    const settled: { usage?: Usage; output?: unknown } = {};
    if (usage !== undefined) settled.usage = usage;
    if (permit.wantsOutput) settled.output = outputOf(result);
    const settling = permit.settle(settled);
    return isDone(permit) ? undefined : settling;
  },
  handOn({ run, runs, params }, result) {
    if (run !== undefined) runs.stepped(run, params, toolCallIdsOf(result));
    return result;
  },
};

const streamed: Method<StreamResult> = {
  send: (model, params) => model.doStream(params),
  // No stream at all: the framework will say so.
  settle: ({ permit }, result) => (hasStream(result) ? undefined : permit.settle({})),
  handOn(attempt, result) {
    if (hasStream(result)) return { ...result, stream: settleStream(result.stream, attempt) };
    attempt.run?.end();
    return result;
  },
};

function hasStream(result: StreamResult): boolean {
  return typeof result?.stream?.getReader === "function";
}
