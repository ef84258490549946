/** What every chat message costs on top of its content, like the role markers of a real model. */
export const TOKENS_PER_MESSAGE = 4;

const CHARACTERS_PER_TOKEN = 4;

/**
 * Cuts text into this provider's tokens: four characters (code points) each, the last one shorter.
 * Crude on purpose: anybody can work it out by hand, and no text has more tokens than UTF-8 bytes.
 */
export function splitTokens(text: string): string[] {
  const characters = Array.from(text);
  const tokens: string[] = [];
  for (let start = 0; start < characters.length; start += CHARACTERS_PER_TOKEN) {
    tokens.push(characters.slice(start, start + CHARACTERS_PER_TOKEN).join(""));
  }
  return tokens;
}

/** How many tokens {@link splitTokens} makes of a text. */
export function countTokens(text: string): number {
  let characters = 0;
  for (const _ of text) characters += 1;
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/**
 * Input tokens of a chat request: for each message {@link TOKENS_PER_MESSAGE} and its content and
 * tool calls, then the tool definitions and the response format. Whatever is not plain text
 * (images, tool calls, schemas) counts as its compact JSON.
 */
export function countChatTokens(body: Readonly<Record<string, unknown>>): number {
  const messages = Array.isArray(body["messages"]) ? body["messages"] : [];
  let tokens = jsonTokens(body["tools"]) + jsonTokens(body["response_format"]);
  for (const message of messages) tokens += TOKENS_PER_MESSAGE + messageTokens(message);
  return tokens;
}

/**
 * Input tokens of an embedding request: texts are counted, token arrays are taken at their length.
 */
export function countEmbeddingTokens(inputs: readonly (string | readonly number[])[]): number {
  let tokens = 0;
  for (const input of inputs) {
    tokens += typeof input === "string" ? countTokens(input) : input.length;
  }
  return tokens;
}

function messageTokens(message: unknown): number {
  if (typeof message !== "object" || message === null) return jsonTokens(message);
  const { content, tool_calls: toolCalls } = message as Record<string, unknown>;
  return contentTokens(content) + jsonTokens(toolCalls);
}

function contentTokens(content: unknown): number {
  if (typeof content === "string") return countTokens(content);
  if (!Array.isArray(content)) return jsonTokens(content);
  let tokens = 0;
  for (const part of content) {
    tokens += typeof part?.text === "string" ? countTokens(part.text) : jsonTokens(part);
  }
  return tokens;
}

function jsonTokens(value: unknown): number {
  return value === undefined || value === null ? 0 : countTokens(JSON.stringify(value));
}
