import { wantedModels } from "../budget/steering.ts";
import type { CallRecord } from "../call/call-record.ts";
import type { SubstituteModel } from "../call/call-request.ts";
import type { CallTarget } from "../call/call-target.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";
import { learnSpent } from "./learn-spent.ts";
import { admit } from "./pipeline.ts";
import type { Refusal } from "./refusal.ts";

/**
 * Runs a call through the pipeline as the model that it is to be: the one that was asked for, one
 * that a threshold puts in its place, or, while a circuit is open, its fallback.
 */
export function decide(call: GuardedCall, guard: GuardRuntime): MaybePromise<Refusal | undefined> {
  if (call.kind === "tool") return admit(call, guard);
  const { models } = call.request;
  const learnt = guard.resolver.steers ? learnSpent(call, guard) : undefined;
  const go = (): MaybePromise<Refusal | undefined> => {
    if (guard.resolver.steers || guard.downgrades.size > 0) downgrade(call, guard);
    return models === undefined ? admit(call, guard) : admitOrFallBack(call, guard);
  };
  return isPromise(learnt) ? learnt.then(() => (isGone(call) ? undefined : go())) : go();
}

/** The caller went while the store was asked. */
function isGone(call: GuardedCall): boolean {
  if (call.state === "ended") return true;
  call.waited();
  return false;
}

/** Calls the model that the highest crossed threshold, or else somebody, asks for and the hook has. */
function downgrade(call: GuardedCall, guard: GuardRuntime): void {
  const accounts = guard.resolver.steers ? call.accounts() : [];
  for (const account of accounts) {
    const wanted = wantedModels(account);
    if (wanted.length === 0) continue;
    callOneOf(call, guard, wanted, account.budget.id);
    return;
  }
  const wanted = guard.downgrades.wantedFor(call);
  if (wanted.length > 0) callOneOf(call, guard, wanted, undefined);
}

function callOneOf(
  call: GuardedCall,
  guard: GuardRuntime,
  wanted: readonly string[],
  budget: string | undefined,
): void {
  const { models = {} } = call.request;
  const key = wanted.find((name) => Object.hasOwn(models, name));
  if (key !== undefined) {
    callInstead(call, guard, key, "downgrade", budget);
    return;
  }
  const { id, name, context } = call;
  const missing = { id, name, key: wanted[0] as string, budget, context };
  guard.emitter.emit("downgrade-unavailable", missing);
}

function admitOrFallBack(
  call: GuardedCall,
  guard: GuardRuntime,
  tried: ReadonlySet<string> = new Set(),
): MaybePromise<Refusal | undefined> {
  const next = (refusal: Refusal | undefined): MaybePromise<Refusal | undefined> => {
    const key = refusal === undefined ? undefined : fallbackOf(call, guard, refusal);
    if (key === undefined || tried.has(key) || call.state === "ended") return refusal;
    callInstead(call, guard, key, "fallback", undefined);
    return admitOrFallBack(call, guard, new Set([...tried, key]));
  };
  const verdict = admit(call, guard);
  return isPromise(verdict) ? verdict.then(next) : next(verdict);
}

/** The hook's key of the model that the breaker names: by that key, or by what it stands for. */
function fallbackOf(call: GuardedCall, guard: GuardRuntime, refusal: Refusal): string | undefined {
  const wanted = refusal.code === "BR5001" ? refusal.details?.["fallback"] : undefined;
  const { models } = call.request;
  if (typeof wanted !== "string" || models === undefined) return undefined;
  if (Object.hasOwn(models, wanted)) return wanted;
  return Object.keys(models).find((key) => {
    const target = targetOf(call, guard, models[key] as SubstituteModel);
    return nameOf(target) === wanted || canonicalName(target) === wanted;
  });
}

function callInstead(
  call: GuardedCall,
  guard: GuardRuntime,
  key: string,
  because: NonNullable<CallRecord["requested"]>["because"],
  budget: string | undefined,
): void {
  const { id, context } = call;
  const from = nameOf(call.target);
  call.callInstead(
    targetOf(call, guard, call.request.models?.[key] as SubstituteModel),
    key,
    because,
  );
  const to = nameOf(call.target);
  guard.emitter.emit("model-substituted", { id, context, from, to, key, because, budget });
}

function targetOf(call: GuardedCall, guard: GuardRuntime, model: SubstituteModel): CallTarget {
  return guard.targets.resolve("model", model.provider, model.name, call.decidedAtMs);
}

function nameOf({ provider, name }: CallTarget): string {
  return provider === undefined ? name : `${provider}/${name}`;
}

function canonicalName({ card }: CallTarget): string | undefined {
  return card === undefined ? undefined : `${card.provider}/${card.model}`;
}
