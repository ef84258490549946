import { isRecord } from "../shape.ts";
import { JudgeError } from "./judge-error.ts";
import type { JudgeReply } from "./judge-model.ts";
import { readProbabilities } from "./read-probabilities.ts";

/** A verdict in one of the words that were asked for. */
export interface Answer {
  readonly reason: string;
  readonly verdict: string;
  /** Of the labels, where the model gives them. */
  readonly probabilities: ReadonlyMap<string, number> | undefined;
}

const MAX_ANSWER = 20_000;
const MAX_REASON = 1_000;
const FENCED = /^```(?:json)?[ \t]*\r?\n(.*)\r?\n```$/su;
const STRING = String.raw`"(?:[^"\\\u0000-\u001f]|\\.)*"`;
const FIELD = String.raw`\s*"(reason|verdict)"\s*:\s*(${STRING})\s*`;
/** Two fields, both texts: another field, the same one twice or a second object is no answer. */
const OBJECT = new RegExp(String.raw`^\{${FIELD},${FIELD}\}$`, "u");

/**
 * Reads exactly one verdict: one JSON object, alone or in one fenced block, with `reason` and
 * `verdict` and nothing else. Nothing is searched for in other text, and nothing is mended.
 * @throws {JudgeError} `unreadable`
 */
export function readAnswer(reply: JudgeReply, labels: readonly string[]): Answer {
  const { text, object, probability } = reply;
  const { reason, verdict } = object === undefined ? parse(text) : check(object);
  if (object !== undefined && isOther(text, verdict)) throw unreadable("two verdicts that differ");
  if (!labels.includes(verdict)) throw unreadable("a verdict that the scale does not have");
  const probabilities = readProbabilities(probability, labels);
  return { reason: reason.slice(0, MAX_REASON), verdict, probabilities };
}

interface Fields {
  readonly reason: string;
  readonly verdict: string;
}

function parse(text: unknown): Fields {
  if (typeof text !== "string" || text.trim() === "") throw unreadable("nothing");
  if (text.length > MAX_ANSWER) throw unreadable(`more than ${MAX_ANSWER} characters`);
  const trimmed = text.trim();
  const object = OBJECT.exec(FENCED.exec(trimmed)?.[1]?.trim() ?? trimmed);
  const [, first, firstText = "", second, secondText = ""] = object ?? [];
  if (first === undefined || first === second) {
    throw unreadable("something else than one JSON object of reason and verdict");
  }
  try {
    const values = [JSON.parse(firstText), JSON.parse(secondText)] as [string, string];
    const [reason, verdict] = first === "reason" ? values : [values[1], values[0]];
    return { reason, verdict };
  } catch {
    throw unreadable("a text with a broken escape");
  }
}

/** Whether a text beside an object is a verdict of its own, and another one; prose is none. */
function isOther(text: unknown, verdict: string): boolean {
  try {
    return parse(text).verdict !== verdict;
  } catch {
    return false;
  }
}

function check(object: unknown): Fields {
  const keys = isRecord(object) ? Object.keys(object) : [];
  const { reason, verdict } = keys.length === 2 ? (object as Partial<Record<string, unknown>>) : {};
  if (typeof reason === "string" && typeof verdict === "string") return { reason, verdict };
  throw unreadable("something else than one object of reason and verdict");
}

function unreadable(what: string): JudgeError {
  return new JudgeError("unreadable", `the judge answered ${what}`);
}
