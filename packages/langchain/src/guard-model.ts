import type { CallResult, Guard, Permit } from "@burnrate/core";
import { cutReason, isDone, isPromise, optionError } from "@burnrate/core/adapter";
import type { AdmittedCall, ModelArguments } from "./admitted-call.ts";
import { insideStream, startStream } from "./ambient-run.ts";
import { checkArguments } from "./check-options.ts";
import { stateOf } from "./guard-state.ts";
import { admit, failed } from "./model-call.ts";
import { ModelHook } from "./model-hook.ts";
import { ASKED, ModelRunner, RUNS } from "./model-runner.ts";
import { isGuardable, isInherited, isModel } from "./model-shape.ts";
import { notRetryable } from "./not-retryable.ts";
import { hasPrivateState } from "./overlay.ts";
import { isObject, type Loose } from "./shape.ts";
import { passOn } from "./stream.ts";
import { readSubstitutes, type SubstituteModels, substituteMethod } from "./substitutes.ts";
import { toResult } from "./to-outcome.ts";
import { isWrapped, NO_OPTIONS, originalOf, wrapOnce } from "./wrap-once.ts";

/** Options of {@link guardModel}. */
export interface GuardModelOptions {
  /**
   * The provider to price by, when the class cannot say it (a compatible server behind
   * `ChatOpenAI`).
   */
  readonly provider?: string;
  /**
   * Models to call instead, by the key that a budget's `{ downgrade: key }` names, or for fallbacks
   * of the breaker. Messages, bound tools and call options stay: only the model changes.
   */
  readonly models?: SubstituteModels;
}

type Method = (...args: never[]) => unknown;
type Wrap = (target: object, method: Method) => (this: unknown, ...args: unknown[]) => unknown;

/** Around anything else a guard would see nothing, and say nothing. */
const A_MODEL =
  "a model of LangChain's, or one with withConfig, bindTools or withRetry (guard the model before it goes into a chain, withFallbacks or withStructuredOutput)";

/** Methods that return the model with something added, sometimes as a new instance of its class. */
const DERIVE = new Set<PropertyKey>(["bindTools", "withConfig", "bind", "_getModelInstance"]);
const STREAMS = new Set<PropertyKey>(["_streamResponseChunks", "_streamChatModelEvents"]);

/** What starts a stream. */
const STARTS = new Set<PropertyKey>(["stream", "streamEvents"]);

/** LangChain reads a model some fifty times a call: what is not ours passes at once. */
const REPLACED = new Set<PropertyKey>([
  "_generate",
  "toJSON",
  "bound",
  "transform",
  ...DERIVE,
  ...STREAMS,
  ...STARTS,
  ...RUNS,
]);

/**
 * Guards every call of a LangChain model: `invoke`, `stream`, `batch` and event streams of every
 * version, also through what is made of it (`bindTools`, `withConfig`, `withStructuredOutput`,
 * `withRetry`, `withFallbacks`, agents, graphs). A refusal is thrown before anything is sent; a
 * kill of level `abort` cuts the request; the output limit of a budget is sent to the provider
 * where the model takes one, and each attempt of the model's own `maxRetries` is a call of its own.
 * What comes back keeps the type, and `instanceof`.
 *
 * @throws {ConfigError} `BR9001` for anything but a model, a guard and known options.
 * Each call throws a {@link GuardError} when refused.
 *
 * @example
 * const model = guardModel(new ChatOpenAI({ model: "gpt-5-mini" }), guard);
 * await model.invoke("hello");
 */
export function guardModel<M extends object>(
  model: M,
  guard: Guard,
  options: GuardModelOptions = NO_OPTIONS,
): M {
  checkArguments("guardModel", guard, options, ["provider", "models"]);
  const inner = originalOf<GuardModelOptions>(guard, model);
  const { models } = options;
  if (inner !== undefined && (models === undefined || models === inner.options.models)) {
    return model;
  }
  if (inner === undefined && isWrapped(guard, model)) return model;
  if (!isGuardable(model)) throw optionError("model", model, A_MODEL);
  return wrapOnce(guard, model, options, () => {
    const target = (inner?.target ?? model) as M;
    const all = inner === undefined ? options : { ...inner.options, ...options };
    return { wrapper: wrap(target, guard, all), target, options: all };
  });
}

function wrap<M extends object>(model: M, guard: Guard, options: GuardModelOptions): M {
  const methods = new Map<PropertyKey, { from: unknown; to: unknown }>();
  const isPrivate = hasPrivateState(model);
  const { provider, models } = options;
  const hook = new ModelHook(guard, model, provider, readSubstitutes(guard, models));
  const replaced = (key: PropertyKey, value: unknown): unknown => {
    if (key === "bound" && isModel(value)) return guardModel(value, guard, options);
    if (typeof value !== "function") return value;
    const kept = methods.get(key);
    if (kept?.from === value) return kept.to;
    const to = replacement(model, key, hook, options)?.(model, value as Method) ?? value;
    methods.set(key, { from: value, to });
    return to;
  };
  if (!isPrivate) hook.runner = new ModelRunner(model, REPLACED, replaced);
  const wrapper = new Proxy(model, {
    get(target, key) {
      const value: unknown = (target as Loose)[key];
      if (REPLACED.has(key)) return replaced(key, value);
      const isBound = isPrivate && ASKED.has(key) && typeof value === "function";
      return isBound ? value.bind(target) : value;
    },
  });
  hook.wrapper = wrapper;
  return wrapper;
}

function replacement(
  target: object,
  key: PropertyKey,
  hook: ModelHook,
  options: GuardModelOptions,
): Wrap | undefined {
  if (DERIVE.has(key)) return derived(hook.guard, options);
  if (RUNS.has(key)) return isInherited(target, key) ? running(hook) : undefined;
  if (STARTS.has(key)) return starting;
  if (key === "transform") return transforming;
  if (!isModel(target)) return undefined;
  if (key === "_generate") return generating(hook);
  if (key === "toJSON") return announcing(hook.guard);
  if (STREAMS.has(key) && !isInherited(target, key)) return streaming(hook, key);
  return undefined;
}

/** Runs on the model itself, so that what it calls of itself is not counted again. */
function generating(hook: ModelHook): Wrap {
  return (_target, method) =>
    async function (this: unknown, ...args) {
      const asked = admit(hook, this, args as unknown as ModelArguments, false);
      const call = isPromise(asked) ? await asked : asked;
      let result: unknown;
      try {
        call.permit.dispatched();
        const send = call.substituted ? substituteMethod(call.model, "_generate") : method;
        result = await send.apply(call.model, call.args as never);
      } catch (error) {
        throw await failed(call, error);
      }
      const ending = answered(call, result);
      if (ending !== undefined) await ending;
      return result;
    };
}

/** Undefined when there is nothing to wait for. */
function answered(call: AdmittedCall, result: unknown): Promise<void> | undefined {
  try {
    const finishing = finish(call.permit, result);
    const isOver = finishing === undefined && call.lone === undefined && call.tokens === undefined;
    return isOver ? undefined : ended(call, result, finishing);
  } catch (error) {
    return ended(call, result, Promise.reject(error));
  }
}

/** Nobody should ask again where a verdict refuses an answer: it was paid for. */
async function ended(
  { lone, tokens }: AdmittedCall,
  result: unknown,
  finishing: Promise<unknown> | undefined,
): Promise<void> {
  try {
    if (finishing !== undefined) await finishing;
    if (lone !== undefined) await lone.answered(result);
  } catch (error) {
    await lone?.fail(error);
    throw notRetryable(error);
  }
  if (tokens !== undefined) await tokens.tell();
}

/**
 * An answer that arrived although the call was cut is charged, and not given to the agent.
 * Undefined when there is nothing to wait for.
 */
function finish(permit: Permit, result: unknown): Promise<unknown> | undefined {
  const summary = toResult(result, permit.wantsOutput);
  const reason = cutReason(permit);
  if (reason !== undefined) return failCut(permit, summary, reason);
  const settling = permit.settle(summary);
  return isDone(permit) ? undefined : settling;
}

async function failCut(permit: Permit, { usage }: CallResult, reason: unknown): Promise<never> {
  await permit.fail(reason, usage === undefined ? {} : { usage });
  throw reason;
}

function streaming(hook: ModelHook, key: PropertyKey): Wrap {
  return (_target, method) =>
    function (this: unknown, ...args) {
      return passOn(
        () => admit(hook, this, args as unknown as ModelArguments, true),
        (call) => {
          const send = call.substituted ? substituteMethod(call.model, key) : method;
          return send.apply(call.model, call.args as never) as AsyncIterable<unknown>;
        },
      );
    };
}

function running(hook: ModelHook): Wrap {
  return (_target, method) =>
    function (this: unknown, ...args) {
      const { runner, wrapper } = hook;
      const isWhole = runner !== undefined && wrapper !== undefined && this === wrapper;
      if (isWhole) return runner.run(method, wrapper, args);
      return method.apply(this as never, args as never);
    };
}

/** What is around is known only here: LangChain leaves it before the model is asked. */
const starting: Wrap = (_target, method) =>
  function (this: unknown, ...args) {
    return startStream(args[1], () => method.apply(this as never, args as never));
  };

const transforming: Wrap = (_target, method) =>
  function (this: unknown, ...args) {
    return insideStream(method.apply(this as never, args as never) as AsyncIterator<unknown>);
  };

function derived(guard: Guard, options: GuardModelOptions): Wrap {
  const again = (made: unknown): unknown =>
    isGuardable(made) ? guardModel(made, guard, options) : made;
  return (target, method) =>
    function (this: unknown, ...args) {
      const self = hasPrivateState(target) ? target : this;
      const made = method.apply(self as never, args as never);
      return made instanceof Promise ? made.then(again) : again(made);
    };
}

/** Tells our callback, which gets the serialized model only, that the call is opened here. */
function announcing(guard: Guard): Wrap {
  const state = stateOf(guard);
  return (target, method) => () => {
    const json = method.apply(target as never, [] as never);
    if (state.hasCallback && isObject(json)) state.guardedModels.add(json);
    return json;
  };
}
