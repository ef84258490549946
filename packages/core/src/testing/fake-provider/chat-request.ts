type Body = Readonly<Record<string, unknown>>;

const LONGEST_ECHO = 40;

/** What is wrong with a chat request, in a sentence. */
export function chatFault(body: Body): string | undefined {
  const { messages, n } = body;
  if (!Array.isArray(messages) || messages.length === 0) return "'messages' must not be empty.";
  if (n !== undefined && n !== null && n !== 1) return "This fake gives one answer: 'n' must be 1.";
  for (const name of ["max_completion_tokens", "max_tokens"]) {
    const limit = body[name];
    const valid = limit === undefined || limit === null || isPositiveInteger(limit);
    if (!valid) return `'${name}' must be a positive integer.`;
  }
  return undefined;
}

/** The most that the answer may have, reasoning included. The newer name wins. */
export function maxOutputTokens(body: Body): number {
  const limit = body["max_completion_tokens"] ?? body["max_tokens"];
  return isPositiveInteger(limit) ? limit : Number.POSITIVE_INFINITY;
}

/** The default answer: the beginning of the last user message, said back. */
export function echo(body: Body): string {
  const messages = Array.isArray(body["messages"]) ? body["messages"] : [];
  const last = messages.findLast((message) => message?.role === "user")?.content;
  const parts = Array.isArray(last) ? last : [{ text: last }];
  const text = parts.find((part) => typeof part?.text === "string")?.text ?? "nothing";
  return `You said: ${Array.from(text).slice(0, LONGEST_ECHO).join("")}`;
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}
