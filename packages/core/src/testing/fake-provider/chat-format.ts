import type { BilledUsage } from "./billing.ts";
import type { GenerationPlan, Piece } from "./generation-plan.ts";
import type { ReceivedRequest } from "./received-request.ts";

const CREATED_SECONDS = 1_700_000_000;

/** Usage of a chat completion, as OpenAI writes it. */
export function chatUsage(usage: BilledUsage): Record<string, unknown> {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}

/** A whole `chat.completion`. */
export function chatCompletion(
  request: ReceivedRequest,
  plan: GenerationPlan,
  usage: Record<string, unknown> | undefined,
): Record<string, unknown> {
  const text = plan.pieces.map((piece) => (piece.kind === "text" ? piece.text : "")).join("");
  const toolCalls = joinToolCalls(request, plan.pieces);
  const message = {
    role: "assistant",
    content: text === "" && toolCalls.length > 0 ? null : text,
    refusal: null,
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
  };
  return {
    id: `chatcmpl-${request.number}`,
    object: "chat.completion",
    created: CREATED_SECONDS,
    model: request.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: plan.finishReason }],
    ...(usage === undefined ? {} : { usage }),
  };
}

/** A `chat.completion.chunk` with one choice. `usage: null` says that usage comes at the end. */
export function chatChunk(
  request: ReceivedRequest,
  delta: Record<string, unknown>,
  finishReason: string | null,
): Record<string, unknown> {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
  return chunk(request, { choices, ...(wantsStreamUsage(request) ? { usage: null } : {}) });
}

/** The chunk that carries only usage, after the answer and before `[DONE]`. */
export function chatUsageChunk(
  request: ReceivedRequest,
  usage: Record<string, unknown>,
): Record<string, unknown> {
  return chunk(request, { choices: [], usage });
}

/** Whether the request asked for usage on its stream. */
export function wantsStreamUsage({ body }: ReceivedRequest): boolean {
  const options = body["stream_options"];
  return typeof options === "object" && options !== null && "include_usage" in options
    ? options.include_usage === true
    : false;
}

/** What one piece adds to the message. */
export function chatDelta(request: ReceivedRequest, piece: Piece): Record<string, unknown> {
  switch (piece.kind) {
    case "text":
      return { content: piece.text };
    case "tool-start":
      return { tool_calls: [toolCall(request, piece.index, piece.name)] };
    case "tool-arguments":
      return { tool_calls: [{ index: piece.index, function: { arguments: piece.text } }] };
  }
}

function chunk(request: ReceivedRequest, rest: Record<string, unknown>): Record<string, unknown> {
  return {
    id: `chatcmpl-${request.number}`,
    object: "chat.completion.chunk",
    created: CREATED_SECONDS,
    model: request.model,
    ...rest,
  };
}

function toolCall(request: ReceivedRequest, index: number, name: string) {
  const id = `call_${request.number}_${index}`;
  return { index, id, type: "function", function: { name, arguments: "" } };
}

function joinToolCalls(request: ReceivedRequest, pieces: readonly Piece[]) {
  const calls: ReturnType<typeof toolCall>[] = [];
  for (const piece of pieces) {
    if (piece.kind === "tool-start") calls.push(toolCall(request, piece.index, piece.name));
    const call = calls.at(-1);
    if (piece.kind === "tool-arguments" && call) call.function.arguments += piece.text;
  }
  return calls.map(({ index: _, ...call }) => call);
}
