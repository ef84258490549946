import type { AcceptedCall, Endpoint } from "./accepted-call.ts";
import { takeTurn } from "./generate.ts";
import { countEmbeddingTokens } from "./tokens.ts";

type Body = Readonly<Record<string, unknown>>;
type EmbeddingInput = string | readonly number[];

const DEFAULT_DIMENSIONS = 8;
const MOST_DIMENSIONS = 3072;
const MOST_INPUTS = 2048;

/**
 * `POST /embeddings`. Chunks mean nothing here: a stall never answers, a cut cuts before the
 * answer.
 */
export const embeddings: Endpoint = {
  fault(body) {
    const inputs = inputsOf(body);
    if (inputs === undefined) return "'input' must be a text, a list of texts or of tokens.";
    if (inputs.length > MOST_INPUTS) return `'input' has more than ${MOST_INPUTS} entries.`;
    const { dimensions } = body;
    const valid = dimensions === undefined || dimensions === null || isDimension(dimensions);
    return valid ? undefined : `'dimensions' must be from 1 to ${MOST_DIMENSIONS}.`;
  },
  inputUsage: (body) => ({
    inputTokens: countEmbeddingTokens(inputsOf(body) ?? []),
    cacheReadTokens: 0,
  }),
  async answer(call) {
    const { behaviour, bill, exchange } = call;
    if (behaviour.kind === "stall") return exchange.closed;
    if (!(await takeTurn(call, 0))) return;
    if (behaviour.kind === "cut") {
      bill.finish("cut");
      return exchange.destroy();
    }
    sendEmbeddings(call);
  },
};

function sendEmbeddings({ behaviour, bill, exchange, request }: AcceptedCall): void {
  const { body, model } = request;
  const tokens = bill.row.usage.inputTokens;
  const reports = behaviour.kind === "reply" && behaviour.usage !== "omit";
  const data = (inputsOf(body) ?? []).map((input, index) => {
    const vector = vectorOf(input, Number(body["dimensions"] ?? DEFAULT_DIMENSIONS));
    const embedding = body["encoding_format"] === "base64" ? toBase64(vector) : [...vector];
    return { object: "embedding", index, embedding };
  });
  const usage = reports ? { usage: { prompt_tokens: tokens, total_tokens: tokens } } : {};
  const json = JSON.stringify({ object: "list", model, data, ...usage });
  const malformed = behaviour.kind === "malformed";
  bill.answered(200);
  if (reports) bill.usageReported();
  bill.finish(malformed ? "failed" : "completed");
  exchange.head(200, { "content-type": "application/json" });
  exchange.end(malformed ? json.slice(0, json.length / 2) : json);
}

/** Undefined when the input has none of the four shapes that OpenAI takes. */
function inputsOf({ input }: Body): readonly EmbeddingInput[] | undefined {
  if (typeof input === "string") return [input];
  if (!Array.isArray(input) || input.length === 0) return undefined;
  if (isTokens(input)) return [input];
  return input.every((entry) => typeof entry === "string" || isTokens(entry)) ? input : undefined;
}

function isTokens(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry));
}

function isDimension(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= MOST_DIMENSIONS;
}

/** The same input always gives the same vector; it means nothing. */
function vectorOf(input: EmbeddingInput, dimensions: number): Float32Array {
  let state = 1;
  for (const unit of typeof input === "string" ? Buffer.from(input) : input) {
    state = (state * 31 + Math.abs(unit)) % 1_000_003;
  }
  return Float32Array.from({ length: dimensions }, (_, at) => ((state * (at + 1)) % 997) / 997);
}

function toBase64(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");
}
