import { MESSAGE_TOKENS, UNBOUNDED_TOKENS, UNREADABLE_TOKENS } from "./bounds.ts";
import { contentTokens } from "./content-tokens.ts";
import { jsonBytes } from "./json-bytes.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What a message was when it was counted; a cheap look tells whether it still is. */
interface Counted {
  readonly tokens: number;
  readonly content: unknown;
  readonly length: number;
  readonly lastPart: unknown;
  readonly toolCalls: unknown;
}

/** Messages are treated as immutable, so a turn of an agent counts only what is new in it. */
const counted = new WeakMap<object, Counted>();

/** Short messages among few cost less to count again (0.2 µs each) than to remember (0.7 µs). */
const SHORT = 1_000;
const FEW = 4;

/** Fields of LangChain messages that repeat others or are never sent. */
const NOT_SENT = new Set([
  "lc_kwargs",
  "lc_namespace",
  "lc_serializable",
  "response_metadata",
  "usage_metadata",
]);

/**
 * An upper bound of one message of any framework. Remembered by the object's identity as long as
 * its content and tool calls are the same objects of the same length; a change deep inside a part
 * that was already counted is not seen. `among`: how many messages there are.
 */
export function messageTokens(message: object, among: number): number {
  try {
    const fields = message as Fields;
    const known = counted.get(message);
    if (known !== undefined && isUnchanged(known, fields)) return known.tokens;
    const tokens = countMessage(fields);
    if (among <= FEW && tokens < SHORT) return tokens;
    const content = fields["content"];
    counted.set(message, {
      tokens,
      content,
      length: lengthOf(content),
      lastPart: lastOf(content),
      toolCalls: fields["tool_calls"],
    });
    return tokens;
  } catch {
    return UNREADABLE_TOKENS;
  }
}

function isUnchanged(known: Counted, message: Fields): boolean {
  const content = message["content"];
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

function countMessage(message: Fields): number {
  let total = MESSAGE_TOKENS;
  for (const key of Object.keys(message)) {
    if (total >= UNBOUNDED_TOKENS) break;
    if (NOT_SENT.has(key)) continue;
    const value = message[key];
    if (key === "content" || key === "parts") total += contentTokens(value);
    else if (key === "additional_kwargs") total += kwargsBytes(value, message);
    else total += jsonBytes(value) + key.length + 4;
  }
  return total + keptOutput(message["response_metadata"]);
}

/** LangChain keeps a provider's raw tool calls beside its own; only one of the two is sent. */
function kwargsBytes(kwargs: unknown, message: Fields): number {
  const calls = message["tool_calls"];
  const repeats = Array.isArray(calls) && calls.length > 0 && typeof kwargs === "object";
  if (!repeats || kwargs === null) return jsonBytes(kwargs);
  const { tool_calls: _raw, ...others } = kwargs as Fields;
  return jsonBytes(others);
}

/** LangChain sends the items of OpenAI's Responses API back as it got them. */
function keptOutput(metadata: unknown): number {
  const output = (metadata as Fields | null | undefined)?.["output"];
  return Array.isArray(output) ? jsonBytes(output) : 0;
}
