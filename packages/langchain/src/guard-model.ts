import type { CallResult, Guard, Permit } from "@burnrate/core";
import { isDone } from "@burnrate/core/adapter";
import { stateOf } from "./guard-state.ts";
import { admit, failed, type ModelArguments } from "./model-call.ts";
import { isGuardable, isInherited, isModel } from "./model-shape.ts";
import { notRetryable } from "./not-retryable.ts";
import { isObject, type Loose } from "./shape.ts";
import { passOn } from "./stream.ts";
import { cutReason } from "./to-error.ts";
import { toResult } from "./to-outcome.ts";

/** Options of {@link guardModel}. */
export interface GuardModelOptions {
  /** The provider to price by, when the class cannot say it (a compatible server behind `ChatOpenAI`). */
  readonly provider?: string;
}

type Method = (...args: never[]) => unknown;
type Wrap = (target: object, method: Method) => (...args: unknown[]) => unknown;

/** Methods that return the model with something added, sometimes as a new instance of its class. */
const DERIVE = new Set<PropertyKey>(["bindTools", "withConfig", "bind", "_getModelInstance"]);
const STREAMS = new Set<PropertyKey>(["_streamResponseChunks", "_streamChatModelEvents"]);

/** LangChain reads a model some fifty times a call: what is not ours passes at once. */
const REPLACED = new Set<PropertyKey>(["_generate", "toJSON", "bound", ...DERIVE, ...STREAMS]);

/** What a guard has guarded already, by the provider that it is priced by. */
interface Memory {
  readonly proxies: WeakSet<object>;
  readonly byProvider: Map<string | undefined, WeakMap<object, object>>;
}

const guarded = new WeakMap<Guard, Memory>();

/**
 * Guards every call of a LangChain model: `invoke`, `stream`, `batch` and event streams of every
 * version, also through what is made of it (`bindTools`, `withConfig`, `withStructuredOutput`,
 * `withRetry`, `withFallbacks`, agents, graphs). A refusal is thrown before anything is sent; a
 * kill of level `abort` cuts the request; the output limit of a budget is sent to the provider
 * where the model takes one, and each attempt of the model's own `maxRetries` is a call of its own.
 * What comes back keeps the type, and `instanceof`.
 *
 * Each call throws a {@link GuardError} when refused.
 *
 * @example
 * const model = guardModel(new ChatOpenAI({ model: "gpt-5-mini" }), guard);
 * await model.invoke("hello");
 */
export function guardModel<M extends object>(
  model: M,
  guard: Guard,
  options: GuardModelOptions = {},
): M {
  const { proxies, byProvider } = memory(guard);
  if (proxies.has(model)) return model;
  const known = byProvider.get(options.provider) ?? new WeakMap<object, object>();
  byProvider.set(options.provider, known);
  const found = known.get(model);
  if (found !== undefined) return found as M;
  const proxy = wrap(model, guard, options);
  known.set(model, proxy);
  proxies.add(proxy);
  return proxy;
}

function memory(guard: Guard): Memory {
  let known = guarded.get(guard);
  if (known === undefined) {
    known = { proxies: new WeakSet(), byProvider: new Map() };
    guarded.set(guard, known);
  }
  return known;
}

function wrap<M extends object>(model: M, guard: Guard, options: GuardModelOptions): M {
  const methods = new Map<PropertyKey, { from: unknown; to: unknown }>();
  return new Proxy(model, {
    get(target, key) {
      const value: unknown = (target as Loose)[key];
      if (!REPLACED.has(key)) return value;
      if (key === "bound" && isModel(value)) return guardModel(value, guard, options);
      if (typeof value !== "function") return value;
      const kept = methods.get(key);
      if (kept?.from === value) return kept.to;
      const to = replacement(target, key, guard, options)?.(target, value as Method) ?? value;
      methods.set(key, { from: value, to });
      return to;
    },
  });
}

function replacement(
  target: object,
  key: PropertyKey,
  guard: Guard,
  options: GuardModelOptions,
): Wrap | undefined {
  if (DERIVE.has(key)) return derived(guard, options);
  if (!isModel(target)) return undefined;
  if (key === "_generate") return generating(guard, options);
  if (key === "toJSON") return announcing(guard);
  if (STREAMS.has(key) && !isInherited(target, key)) return streaming(guard, options);
  return undefined;
}

/** Runs on the model itself, so that what it calls of itself is not counted again. */
function generating(guard: Guard, { provider }: GuardModelOptions): Wrap {
  return (target, method) =>
    async (...args) => {
      const call = await admit(guard, target, args as unknown as ModelArguments, provider);
      let result: unknown;
      try {
        call.permit.dispatched();
        result = await method.apply(call.model, call.args as never);
      } catch (error) {
        throw await failed(call.permit, error);
      }
      try {
        const finishing = finish(call.permit, result);
        if (finishing !== undefined) await finishing;
      } catch (error) {
        throw notRetryable(error); // it was paid for: nobody should ask again
      }
      return result;
    };
}

/**
 * An answer that arrived although the call was cut is charged, and not given to the agent. Undefined
 * when there is nothing to wait for.
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

function streaming(guard: Guard, { provider }: GuardModelOptions): Wrap {
  return (target, method) =>
    (...args) =>
      passOn(
        () => admit(guard, target, args as unknown as ModelArguments, provider),
        (call) => method.apply(call.model, call.args as never) as AsyncIterable<unknown>,
      );
}

function derived(guard: Guard, options: GuardModelOptions): Wrap {
  const again = (made: unknown): unknown =>
    isGuardable(made) ? guardModel(made, guard, options) : made;
  return (_target, method) =>
    function (this: unknown, ...args) {
      const made = method.apply(this as never, args as never);
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
