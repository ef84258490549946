import { type EvaluatorInput, type Inconclusive, inconclusive } from "../evaluator.ts";
import { read } from "../shape.ts";
import { type NoText, readAnswer } from "../text/read-text.ts";
import { readCalls } from "./read-calls.ts";

/** Ways to say that the model may choose whether it calls a tool. */
const FREE: readonly unknown[] = [undefined, null, "auto", "none"];

/**
 * The verdict on an output without text. A turn of an agent that only calls tools says nothing yet:
 * there is nothing to judge, and withholding it would stop every agent at its first tool. Where the
 * request forces the call, its arguments are the answer, and nobody has read them.
 */
export function withoutText(given: EvaluatorInput, { reason, isEmpty }: NoText): Inconclusive {
  return isEmpty === true && isFree(given) && hasOwnCalls(given.output)
    ? { ...inconclusive("the output only calls tools"), skipped: true }
    : inconclusive(reason);
}

/** The verdict on a turn that only calls tools; undefined for any other output. */
export function toolTurn(given: EvaluatorInput): Inconclusive | undefined {
  const text = readAnswer(given);
  const verdict = text.kind === "none" ? withoutText(given, text) : undefined;
  return verdict?.skipped === true ? verdict : undefined;
}

/** The verdict of who judges calls on a turn that answers and calls no tool; else undefined. */
export function answerTurn(given: EvaluatorInput): Inconclusive | undefined {
  const isAnswer = isFree(given) && !callsTools(given) && readAnswer(given).kind === "text";
  return isAnswer ? { ...inconclusive("the output calls no tool"), skipped: true } : undefined;
}

/** Whether there is a call, or what may be one. */
function callsTools(given: EvaluatorInput): boolean {
  try {
    return (readCalls(given)?.length ?? 0) > 0;
  } catch {
    return true;
  }
}

/** A whole turn in a guard, in which the model itself chose between a text and a tool. */
function isFree({ on, input, partial }: EvaluatorInput): boolean {
  const choice = read(input, "toolChoice") ?? read(input, "tool_choice");
  const isForced = !FREE.includes(choice) && !FREE.includes(read(choice, "type") ?? "forced");
  return on === "model" && partial !== true && !isForced;
}

/** What a provider's own tool did is over: nobody goes on after it. */
function hasOwnCalls(output: unknown): boolean {
  const own = Array.isArray(output)
    ? output.filter((part) => read(part, "providerExecuted") !== true)
    : output;
  return (readCalls({ output: own })?.length ?? 0) > 0;
}
