import { UNBOUNDED_TOKENS, UNREADABLE_TOKENS } from "./bounds.ts";
import { contentTokens } from "./content-tokens.ts";
import type { Counted, Measure } from "./measure.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Short messages among few are measured again. */
const FEW = 4;

/** Fields of LangChain messages that repeat others or are never sent. */
function isNeverSent(key: string): boolean {
  switch (key) {
    case "lc_kwargs":
    case "lc_namespace":
    case "lc_serializable":
    case "response_metadata":
    case "usage_metadata":
      return true;
    default:
      return false;
  }
}

/**
 * What one message of any framework weighs. Messages are treated as immutable, so that a turn of an
 * agent measures only what is new in it: remembered by the object's identity as long as its content
 * and tool calls are the same objects of the same length; a change deep inside a part that was
 * already measured is not seen. One with both content and parts, as AI SDK 4's interfaces have, is
 * measured each time. `among`: how many messages there are.
 */
export function messageTokens(message: object, among: number, measure: Measure): number {
  try {
    const fields = message as Fields;
    const isRemembered = fields["content"] == null || fields["parts"] == null;
    const known = isRemembered ? measure.counted.get(message) : undefined;
    if (known !== undefined && isUnchanged(known, fields)) {
      if (known.files) measure.files = true;
      return known.tokens;
    }
    const { files, rough } = measure;
    measure.files = false;
    measure.rough = false;
    const tokens = countMessage(fields, measure);
    if (isRemembered && !measure.rough && (among > FEW || tokens >= measure.shortTokens)) {
      measure.counted.set(message, snapshot(fields, tokens, measure.files));
    }
    measure.files ||= files;
    measure.rough ||= rough;
    return tokens;
  } catch {
    measure.files = true; // weighs as much as one
    return UNREADABLE_TOKENS;
  }
}

/** Gemini's messages, and those of AI SDK 5's interfaces, have parts in its place. */
function contentOf(message: Fields): unknown {
  return message["content"] ?? message["parts"];
}

function snapshot(message: Fields, tokens: number, files: boolean): Counted {
  const content = contentOf(message);
  return {
    tokens,
    files,
    content,
    length: lengthOf(content),
    lastPart: lastOf(content),
    toolCalls: message["tool_calls"],
  };
}

function isUnchanged(known: Counted, message: Fields): boolean {
  const content = contentOf(message);
  return (
    content === known.content &&
    lengthOf(content) === known.length &&
    lastOf(content) === known.lastPart &&
    message["tool_calls"] === known.toolCalls
  );
}

function lengthOf(content: unknown): number {
  return Array.isArray(content) ? content.length : -1;
}

function lastOf(content: unknown): unknown {
  return Array.isArray(content) ? content.at(-1) : undefined;
}

function countMessage(message: Fields, measure: Measure): number {
  let total = measure.frame.message;
  for (const key in message) {
    if (total >= UNBOUNDED_TOKENS) break;
    if (isNeverSent(key)) continue;
    const value = message[key];
    if (key === "content" || key === "parts") total += contentTokens(value, measure);
    else if (key === "additional_kwargs") total += kwargsTokens(value, message, measure);
    else total += measure.field(key, value);
  }
  return total + keptOutput(message["response_metadata"], measure);
}

/** LangChain keeps a provider's raw tool calls beside its own; only one of the two is sent. */
function kwargsTokens(kwargs: unknown, message: Fields, measure: Measure): number {
  const calls = message["tool_calls"];
  const repeats = Array.isArray(calls) && calls.length > 0 && typeof kwargs === "object";
  if (!repeats || kwargs === null) return measure.json(kwargs);
  const { tool_calls: _raw, ...others } = kwargs as Fields;
  return measure.json(others);
}

/** LangChain sends the items of OpenAI's Responses API back as it got them. */
function keptOutput(metadata: unknown, measure: Measure): number {
  const output = (metadata as Fields | null | undefined)?.["output"];
  return Array.isArray(output) ? measure.json(output) : 0;
}
