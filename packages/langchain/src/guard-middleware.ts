import { findGuardError, type Guard, isGuardError } from "@burnrate/core";
import { anyKills, checkOneOf } from "@burnrate/core/adapter";
import type { ToolMessage } from "@langchain/core/messages";
import type { GuardMiddleware } from "./agent-middleware.ts";
import { agentModels, callModel, type ModelCallRequest } from "./agent-model.ts";
import { type AgentRun, agentRuns } from "./agent-run.ts";
import { callTool, type ToolCallRequest, toErrorMessage } from "./agent-tool.ts";
import { checkArguments } from "./check-options.ts";
import type { RefusalNote } from "./refusal-note.ts";
import { read } from "./shape.ts";
import { readSubstitutes, type SubstituteModels } from "./substitutes.ts";
import { isBubbleUp } from "./to-error.ts";
import { NO_OPTIONS } from "./wrap-once.ts";

/** Options of {@link guardMiddleware}. */
export interface GuardMiddlewareOptions {
  /** Whether tool calls are guarded too. Default true. */
  readonly tools?: boolean;
  /**
   * What a refused tool call becomes: an error message that the model reads (default), or an error
   * that ends the run.
   */
  readonly toolBlock?: "message" | "throw";
  /** Models to call instead of the agent's, as the option of {@link guardModel}. */
  readonly models?: SubstituteModels;
}

/** LangChain's mark of a middleware; a registered symbol, so that no import is needed. */
const BRAND = Symbol.for("AgentMiddleware");

/**
 * Guards the model and tool calls of `createAgent`. Refusals are thrown from `beforeModel` where
 * they can be known there, since LangChain neither wraps nor retries what that hook throws; the
 * agent's model is passed on guarded, so that a kill cuts its requests and output limits are sent.
 * Exceptions of tools stay what LangChain makes of them without us.
 *
 * @throws {ConfigError} `BR9001` for anything but a guard and known options.
 * A run throws a {@link GuardError} when refused, or an error in which `findGuardError` finds it.
 *
 * @example
 * const agent = createAgent({ model, tools, middleware: [guardMiddleware(guard)] });
 */
export function guardMiddleware(
  guard: Guard,
  options: GuardMiddlewareOptions = NO_OPTIONS,
): GuardMiddleware {
  checkArguments("guardMiddleware", guard, options, ["tools", "toolBlock", "models"]);
  checkOneOf("guardMiddleware.toolBlock", options.toolBlock ?? "message", ["message", "throw"]);
  const findRun = agentRuns(guard);
  const { models } = options;
  readSubstitutes(guard, models); // what is wrong is told here, not in a run
  const guardAgentModel = agentModels(guard, models === undefined ? NO_OPTIONS : { models });
  const middleware = {
    [BRAND]: true,
    name: "BurnrateGuard",
    beforeModel(_state: unknown, runtime: unknown): Promise<undefined> {
      const run = findRun(runtime);
      const isFree = run.refusal === undefined && !anyKills(guard);
      return isFree ? NOTHING : lookForRefusal(guard, run);
    },
    async wrapModelCall<R extends ModelCallRequest, T>(
      request: R,
      handler: (request: R) => Promise<T> | T,
    ): Promise<T> {
      const run = findRun(request.runtime);
      run.refusal = undefined;
      const note: RefusalNote = { refusal: undefined };
      try {
        const answer = await callModel(guard, run, note, request, handler, guardAgentModel);
        if (note.refusal !== undefined) throw note.refusal;
        return answer;
      } catch (error) {
        run.refusal = findGuardError(error);
        await run.failed(error, read(request.runtime, "signal"));
        throw error;
      }
    },
    async wrapToolCall<R extends ToolCallRequest, T>(
      request: R,
      handler: (request: R) => Promise<T> | T,
    ): Promise<T | ToolMessage> {
      const run = findRun(request.runtime);
      try {
        return await run.run(() =>
          options.tools === false ? handler(request) : callTool(guard, request, handler),
        );
      } catch (error) {
        const ends = isBubbleUp(error) || (isGuardError(error) && options.toolBlock === "throw");
        if (ends) {
          await run.failed(error, read(request.runtime, "signal"));
          throw error;
        }
        return toErrorMessage(error, request.toolCall);
      }
    },
    async afterAgent(state: unknown, runtime: unknown): Promise<undefined> {
      const run = findRun(runtime);
      const { refusal } = run;
      await run.end(refusal === undefined ? { output: answerIn(state) } : { error: refusal });
      throwSwallowed(run);
    },
  };
  return middleware;
}

/** What the agent says in the end, for evaluators of its task. */
function answerIn(state: unknown): unknown {
  const messages = read(state, "messages");
  return Array.isArray(messages) ? read(messages.at(-1), "content") : undefined;
}

/** Before each call of a model: most find no refusal and no kill. */
const NOTHING = Promise.resolve(undefined);

async function lookForRefusal(guard: Guard, run: AgentRun): Promise<undefined> {
  try {
    throwSwallowed(run);
    if (anyKills(guard)) await run.run(() => lookForKill(guard));
  } catch (error) {
    await run.end({ error });
    throw error;
  }
}

/** A middleware around us may have retried, and then answered in the model's place. */
function throwSwallowed(run: AgentRun): void {
  const { refusal } = run;
  run.refusal = undefined;
  if (refusal !== undefined) throw refusal;
}

/**
 * The model is not known before `wrapModelCall`, so only kills of who and where are looked for
 * here: prices and budgets depend on the model, and are decided when its call is opened.
 */
async function lookForKill(guard: Guard): Promise<void> {
  if (guard.killed() === undefined) return;
  // It is covered, whatever the model: ask in earnest, so that the refusal is counted and heard.
  const permit = await guard.begin({ kind: "model", name: "(next model)" });
  await permit.release();
}
