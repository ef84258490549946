import { compileGlob } from "../budget/glob.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { ContextFrame } from "../context/context-frame.ts";
import type { KillScope, KillTarget } from "./kill-scope.ts";

/** A kill's target, ready to be matched. */
export interface CompiledScope {
  matches(call: GuardedCall): boolean;
  /** Whether everything in this context is covered, whatever it calls. */
  matchesContext(frame: ContextFrame): boolean;
}

interface CompiledGlobs {
  readonly model: ((id: string) => boolean) | undefined;
  readonly tool: ((name: string) => boolean) | undefined;
}

/** Compiles a checked target. All fields of a scope must match. */
export function compileScope(target: KillTarget): CompiledScope {
  if (target === "everything") return { matches: () => true, matchesContext: () => true };
  const model = target.model === undefined ? undefined : compileGlob(target.model);
  const tool = target.tool === undefined ? undefined : compileGlob(target.tool);
  const onlyContext =
    target.tool === undefined &&
    target.model === undefined &&
    target.provider === undefined &&
    target.budget === undefined;
  return {
    matches: (call) =>
      matchesFrame(target, call.frame) && matchesCall(target, { model, tool }, call),
    matchesContext: (frame) => onlyContext && matchesFrame(target, frame),
  };
}

function matchesFrame(scope: KillScope, frame: ContextFrame): boolean {
  const { context } = frame;
  return (
    (scope.org === undefined || scope.org === context.org) &&
    (scope.team === undefined || scope.team === context.team) &&
    (scope.user === undefined || scope.user === context.user) &&
    (scope.session === undefined || scope.session === context.session) &&
    (scope.task === undefined || frame.tasks.includes(scope.task)) &&
    (scope.agent === undefined || isWithinAgent(context.agent, scope.agent))
  );
}

function matchesCall(scope: KillScope, { model, tool }: CompiledGlobs, call: GuardedCall): boolean {
  if (tool !== undefined && !(call.kind === "tool" && tool(call.name))) return false;
  if (model !== undefined && !(call.kind === "model" && matchesModel(model, call))) return false;
  if (scope.provider !== undefined && !call.target.isProvider(scope.provider)) return false;
  return scope.budget === undefined || call.isCoveredByBudget(scope.budget);
}

function matchesModel(model: (id: string) => boolean, call: GuardedCall): boolean {
  return model(call.name) || (call.model !== undefined && model(call.model));
}

/** Agents are paths: `planner` covers `planner/researcher`, but not `planner2`. */
export function isWithinAgent(agent: string | undefined, scope: string): boolean {
  return agent !== undefined && (agent === scope || agent.startsWith(`${scope}/`));
}
