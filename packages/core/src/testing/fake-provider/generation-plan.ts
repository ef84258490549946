import type { FakeToolCall, Generation } from "./behaviour.ts";
import { splitTokens } from "./tokens.ts";

/** One chunk of an answer: what it adds and what it costs. */
export type Piece =
  | { readonly kind: "text"; readonly tokens: number; readonly text: string }
  | {
      readonly kind: "tool-start";
      readonly tokens: number;
      readonly index: number;
      readonly name: string;
    }
  | {
      readonly kind: "tool-arguments";
      readonly tokens: number;
      readonly index: number;
      readonly text: string;
    };

/** Everything that the model will generate if nobody stops it. */
export interface GenerationPlan {
  readonly reasoningTokens: number;
  readonly pieces: readonly Piece[];
  readonly finishReason: string;
}

/**
 * Plans an answer within the request's output limit. Reasoning comes first and counts inside the
 * limit. A tool's name is never cut in half: where it does not fit, the answer ends before it.
 */
export function planGeneration(
  generation: Generation,
  maxOutputTokens: number,
  defaultText: string,
): GenerationPlan {
  const toolCalls = generation.toolCalls ?? [];
  const text = generation.text ?? (toolCalls.length > 0 ? "" : defaultText);
  const wanted = generation.reasoningTokens ?? 0;
  const reasoningTokens = Math.min(wanted, maxOutputTokens);
  const whole = [
    ...textPieces(text, generation.chunks),
    ...toolCalls.flatMap((call, index) => toolPieces(call, index, generation.chunks)),
  ];
  const pieces = truncate(whole, maxOutputTokens - reasoningTokens);
  const truncated = wanted > reasoningTokens || sumTokens(pieces) < sumTokens(whole);
  const usual = toolCalls.length > 0 ? "tool_calls" : "stop";
  return {
    reasoningTokens,
    pieces,
    finishReason: truncated ? "length" : (generation.finishReason ?? usual),
  };
}

function textPieces(text: string, chunks: number | undefined): Piece[] {
  return deal(splitTokens(text), chunks).map((tokens) => ({
    kind: "text",
    tokens: tokens.length,
    text: tokens.join(""),
  }));
}

function toolPieces(call: FakeToolCall, index: number, chunks: number | undefined): Piece[] {
  const json = typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments);
  return [
    { kind: "tool-start", tokens: splitTokens(call.name).length, index, name: call.name },
    ...deal(splitTokens(json), chunks).map(
      (tokens): Piece => ({
        kind: "tool-arguments",
        tokens: tokens.length,
        index,
        text: tokens.join(""),
      }),
    ),
  ];
}

/** Deals tokens into that many runs, as even as can be; never an empty run. */
function deal(tokens: readonly string[], chunks: number = tokens.length): string[][] {
  const count = Math.min(Math.max(chunks, 1), tokens.length);
  return Array.from({ length: count }, (_, run) =>
    tokens.slice(
      Math.floor((run * tokens.length) / count),
      Math.floor(((run + 1) * tokens.length) / count),
    ),
  );
}

function truncate(pieces: readonly Piece[], limit: number): Piece[] {
  const kept: Piece[] = [];
  let left = limit;
  for (const piece of pieces) {
    if (piece.tokens <= left) {
      kept.push(piece);
      left -= piece.tokens;
      continue;
    }
    if (left > 0 && piece.kind !== "tool-start") {
      const text = splitTokens(piece.text).slice(0, left).join("");
      kept.push({ ...piece, tokens: left, text });
    }
    break;
  }
  return kept;
}

function sumTokens(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.tokens, 0);
}
