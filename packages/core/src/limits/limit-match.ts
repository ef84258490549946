import type { BudgetMatch } from "../budget/budget.ts";
import { coversContext, dependsOnCaller } from "../budget/budget-match.ts";
import { compileGlob } from "../budget/glob.ts";
import type { PendingCall } from "../call/pending-call.ts";
import { familyOf } from "../call/provider-family.ts";
import type { LimitDimension } from "./limit.ts";

type Predicate = (call: PendingCall) => boolean;

/**
 * Which calls a limit covers, in two halves: what is called seldom changes, who calls often does.
 */
export interface CompiledMatch {
  coversTarget(call: PendingCall): boolean;
  /** Undefined when anyone is covered. */
  readonly coversCaller: Predicate | undefined;
}

/**
 * Compiles a checked `match`. A limit per tool covers tools only, one per model models only: the
 * rest has no such name. Evaluators' own calls are covered only by `purpose: "evaluation"`.
 */
export function compileMatch(match: BudgetMatch, per: readonly LimitDimension[]): CompiledMatch {
  const kind = match.kind ?? kindOf(match, per);
  const tool = match.tool === undefined ? undefined : compileGlob(match.tool);
  const model = match.model === undefined ? undefined : compileGlob(match.model);
  const provider = match.provider === undefined ? undefined : compileGlob(match.provider);
  const purpose = match.purpose ?? "agent";
  const { purpose: _, ...caller } = match;
  return {
    coversTarget: (call) =>
      call.purpose === purpose &&
      (kind === undefined || kind === call.kind) &&
      (tool === undefined || tool(call.name)) &&
      (model === undefined || model(call.name) || isOneOf(model, call.model)) &&
      (provider === undefined || providersOf(call).some((name) => isOneOf(provider, name))),
    coversCaller: dependsOnCaller(caller) ? (call) => coversContext(match, call) : undefined,
  };
}

function kindOf(match: BudgetMatch, per: readonly LimitDimension[]): "model" | "tool" | undefined {
  if (match.tool !== undefined || per.includes("tool")) return "tool";
  return match.model !== undefined || per.includes("model") ? "model" : undefined;
}

function isOneOf(matches: (text: string) => boolean, name: string | undefined): boolean {
  return name !== undefined && matches(name);
}

/** A provider as its prices name it (`x-ai`) and as the framework does (`xai.chat`, `xai`). */
export function providersOf(call: PendingCall): readonly (string | undefined)[] {
  return [call.canonicalProvider ?? call.provider, call.provider, familyOf(call)];
}
