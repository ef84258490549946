import type { CallPurpose } from "../call/call-record.ts";
import type { CallTarget } from "../call/call-target.ts";
import type { ContextFrame } from "../context/context-frame.ts";
import { isWithinAgent } from "../kill/match-scope.ts";
import type { BudgetMatch } from "./budget.ts";
import { compileGlob } from "./glob.ts";

/** Whether a budget covers calls of this model or tool at all; decided once a target. */
export function coversTarget(match: BudgetMatch, target: CallTarget): boolean {
  if (match.kind !== undefined && match.kind !== target.kind) return false;
  if (
    match.tool !== undefined &&
    !(target.kind === "tool" && compileGlob(match.tool)(target.name))
  ) {
    return false;
  }
  if (match.provider !== undefined && !target.isProvider(match.provider)) return false;
  return match.model === undefined || (target.kind === "model" && target.isModel(match.model));
}

/** Whether a budget looks at more than what is called. */
export function dependsOnCaller(match: BudgetMatch): boolean {
  const { org, team, user, environment, agent, purpose } = match;
  return [org, team, user, environment, agent, purpose].some((word) => word !== undefined);
}

/** Whether a budget covers calls from this context. */
export function coversContext(match: BudgetMatch, frame: ContextFrame): boolean {
  const { context } = frame;
  return (
    (match.org === undefined || match.org === context.org) &&
    (match.team === undefined || match.team === context.team) &&
    (match.user === undefined || match.user === context.user) &&
    (match.environment === undefined || match.environment === context.environment) &&
    (match.agent === undefined || isWithinAgent(context.agent, match.agent))
  );
}

/**
 * Whether a budget covers calls of this purpose. An evaluator's call that budgets for `evaluation`
 * cover spends from those alone; any other spends from what everyone spends from.
 */
export function coversPurpose(
  match: BudgetMatch,
  purpose: CallPurpose,
  hasOwnBudget: boolean,
): boolean {
  if (match.purpose !== undefined) return match.purpose === purpose;
  return purpose === "agent" || !hasOwnBudget;
}
