import { wantedModels } from "../budget/steering.ts";
import type { CallRecord } from "../call/call-record.ts";
import type { SubstituteModel } from "../call/call-request.ts";
import type { CallTarget } from "../call/call-target.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import { familyOf } from "../call/provider-family.ts";
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
  const { steers } = guard.resolver;
  const { models } = call.request;
  const isPlain = call.kind === "tool" || (models === undefined && guard.downgrades.size === 0);
  if (isPlain && !steers) return admit(call, guard);
  const learnt = steers ? learnSpent(call, guard) : undefined;
  const go = (): MaybePromise<Refusal | undefined> => {
    if (call.kind === "tool") return admit(call, guard);
    downgrade(call, guard);
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

/** A model that is wanted in the place of another, and the budget that wants it. */
interface Wish {
  readonly key: string;
  readonly budget: string | undefined;
  readonly by: string | undefined;
}

/** Calls the first model that thresholds, or else somebody, ask for and the hook has. */
function downgrade(call: GuardedCall, guard: GuardRuntime): void {
  const [first, ...others] = wishesFor(call, guard);
  if (first === undefined) return;
  const { models = {} } = call.request;
  const granted = [first, ...others].find(({ key }) => Object.hasOwn(models, key));
  if (granted !== undefined) {
    callInstead(call, guard, "downgrade", granted);
    return;
  }
  const { id, name, context } = call;
  guard.emitter.emit("downgrade-unavailable", { id, name, ...first, context });
}

function wishesFor(call: GuardedCall, guard: GuardRuntime): readonly Wish[] {
  const accounts = guard.resolver.steers ? call.accounts() : [];
  const ofBudgets = accounts.flatMap((account) =>
    wantedModels(account).map((key) => ({ key, budget: account.budget.id, by: undefined })),
  );
  const others = guard.downgrades.wantedFor(call);
  return [...ofBudgets, ...others.map(({ key, by }) => ({ key, budget: undefined, by }))];
}

function admitOrFallBack(
  call: GuardedCall,
  guard: GuardRuntime,
  tried: ReadonlySet<string> = new Set(),
): MaybePromise<Refusal | undefined> {
  const next = (refusal: Refusal | undefined): MaybePromise<Refusal | undefined> => {
    const key = refusal === undefined ? undefined : fallbackOf(call, guard, refusal);
    if (key === undefined || tried.has(key) || call.state === "ended") return refusal;
    call.releaseGates(); // what it took as the other model would be in its own way
    guard.heldQueue.freed([]);
    callInstead(call, guard, "fallback", { key, budget: undefined, by: undefined });
    return admitOrFallBack(call, guard, new Set([...tried, key]));
  };
  const verdict = call.requested === undefined ? admit(call, guard) : admitInstead(call, guard);
  return isPromise(verdict) ? verdict.then(next) : next(verdict);
}

/** Other budgets may cover the other model, and throttle it. */
function admitInstead(call: GuardedCall, guard: GuardRuntime): MaybePromise<Refusal | undefined> {
  const learnt = guard.resolver.steers ? learnSpent(call, guard) : undefined;
  if (!isPromise(learnt)) return admit(call, guard);
  return learnt.then(() => (isGone(call) ? undefined : admit(call, guard)));
}

/** The hook's key of the model that the breaker names: by that key, or by what it stands for. */
function fallbackOf(call: GuardedCall, guard: GuardRuntime, refusal: Refusal): string | undefined {
  const wanted = refusal.code === "BR5001" ? refusal.details?.["fallback"] : undefined;
  const { models } = call.request;
  if (typeof wanted !== "string" || models === undefined) return undefined;
  if (Object.hasOwn(models, wanted)) return wanted;
  const targets = Object.entries(models).map(
    ([key, model]) => [key, targetOf(call, guard, model)] as const,
  );
  const found =
    targets.find(([, target]) => nameOf(target) === wanted) ??
    targets.find(([, target]) => shortNamesOf(target).includes(wanted));
  return found?.[0];
}

function callInstead(
  call: GuardedCall,
  guard: GuardRuntime,
  because: NonNullable<CallRecord["requested"]>["because"],
  { key, budget, by }: Wish,
): void {
  const { id, context } = call;
  const from = nameOf(call.target);
  call.callInstead(
    targetOf(call, guard, call.request.models?.[key] as SubstituteModel),
    key,
    because,
  );
  const to = nameOf(call.target);
  guard.emitter.emit("model-substituted", { id, context, from, to, key, because, budget, by });
}

function targetOf(call: GuardedCall, guard: GuardRuntime, model: SubstituteModel): CallTarget {
  return guard.targets.resolve("model", model.provider, model.name, call.decidedAtMs);
}

function nameOf({ provider, name }: CallTarget): string {
  return provider === undefined ? name : `${provider}/${name}`;
}

/** Without what the framework appends to its provider, and as people know it. */
function shortNamesOf(target: CallTarget): readonly string[] {
  const { name, card, canonicalProvider } = target;
  const providers = [canonicalProvider, familyOf(target)].filter((known) => known !== undefined);
  return providers.flatMap((known) => [`${known}/${card?.model ?? name}`, `${known}/${name}`]);
}
