import type { Behaviour } from "./behaviour.ts";

const KINDS: ReadonlySet<unknown> = new Set<Behaviour["kind"]>([
  "reply",
  "fail",
  "rate-limit",
  "stall",
  "cut",
  "error-part",
  "malformed",
]);

const COUNTS = [
  "afterChunks",
  "cachedTokens",
  "reasoningTokens",
  "chunks",
  "chunkDelayMs",
  "retryAfterSeconds",
];

const LARGEST_COUNT = 10_000_000;

/**
 * Says what is wrong with a behaviour (which may come from a header), so that no bill is ever NaN.
 */
export function behaviourFault(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "A behaviour is an object.";
  const fields = value as Record<string, unknown>;
  if (!KINDS.has(fields["kind"])) {
    return `There is no behaviour "${String(fields["kind"])}": kind is one of ${[...KINDS].join(", ")}.`;
  }
  for (const name of COUNTS) {
    if (fields[name] !== undefined && !isCount(fields[name])) return `${name} is not a count.`;
  }
  return missingField(fields) ?? textFault(fields) ?? toolCallsFault(fields["toolCalls"]);
}

function missingField(fields: Record<string, unknown>): string | undefined {
  const { kind, status } = fields;
  if (kind === "fail" && !(isCount(status) && status >= 400 && status <= 599)) {
    return "A failure needs a status from 400 to 599.";
  }
  if (kind === "rate-limit" && fields["retryAfterSeconds"] === undefined) {
    return "A rate limit needs retryAfterSeconds.";
  }
  if ((kind === "cut" || kind === "error-part") && fields["afterChunks"] === undefined) {
    return `"${kind}" needs afterChunks.`;
  }
  return undefined;
}

function textFault({ text, message, beforeChunk }: Record<string, unknown>): string | undefined {
  if (text !== undefined && typeof text !== "string") return "text is not a string.";
  if (message !== undefined && typeof message !== "string") return "message is not a string.";
  if (beforeChunk !== undefined && typeof beforeChunk !== "function") {
    return "beforeChunk is not a function.";
  }
  return undefined;
}

function toolCallsFault(calls: unknown): string | undefined {
  if (calls === undefined) return undefined;
  const valid =
    Array.isArray(calls) &&
    calls.every((call) => typeof call?.name === "string" && call.arguments !== undefined);
  return valid ? undefined : "toolCalls is not a list of { name, arguments }.";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= LARGEST_COUNT;
}
