import type { AcceptedCall, Endpoint } from "./accepted-call.ts";
import {
  chatChunk,
  chatCompletion,
  chatDelta,
  chatUsage,
  chatUsageChunk,
  wantsStreamUsage,
} from "./chat-format.ts";
import { chatFault, echo, maxOutputTokens } from "./chat-request.ts";
import { generate } from "./generate.ts";
import { type GenerationPlan, planGeneration } from "./generation-plan.ts";
import { openAiError } from "./refused-request.ts";
import { SSE_DONE, SSE_HEADERS, sseEvent } from "./sse.ts";
import { countChatTokens } from "./tokens.ts";

/** `POST /chat/completions`, as one JSON value or as a stream. */
export const chatCompletions: Endpoint = {
  fault: chatFault,
  inputUsage(body, behaviour) {
    const inputTokens = countChatTokens(body);
    return { inputTokens, cacheReadTokens: Math.min(behaviour.cachedTokens ?? 0, inputTokens) };
  },
  async answer(call) {
    const { behaviour, exchange, request } = call;
    const neverAnswers = behaviour.kind === "stall" && behaviour.afterChunks === undefined;
    if (neverAnswers) return exchange.closed;
    const plan = planGeneration(behaviour, maxOutputTokens(request.body), echo(request.body));
    return request.stream ? answerStream(call, plan) : answerWhole(call, plan);
  },
};

async function answerWhole(call: AcceptedCall, plan: GenerationPlan): Promise<void> {
  const { behaviour, bill, exchange, request } = call;
  const end = await generate(call, plan, () => undefined);
  if (end === "closed") return;
  if (end === "interrupted" && behaviour.kind !== "malformed") return breakOff(call);
  bill.answered(200);
  const reports = behaviour.kind === "reply" && behaviour.usage !== "omit";
  if (reports) bill.usageReported();
  bill.finish(end === "finished" ? "completed" : "failed");
  const usage = reports ? chatUsage(bill.row.usage) : undefined;
  const json = JSON.stringify(chatCompletion(request, plan, usage));
  exchange.head(200, { "content-type": "application/json" });
  exchange.end(end === "finished" ? json : json.slice(0, json.length / 2));
}

async function answerStream(call: AcceptedCall, plan: GenerationPlan): Promise<void> {
  const { behaviour, bill, exchange, request } = call;
  bill.answered(200);
  exchange.head(200, SSE_HEADERS);
  const opening = chatChunk(request, { role: "assistant", content: "", refusal: null }, null);
  await exchange.send(sseEvent(opening));
  const end = await generate(call, plan, (piece) =>
    exchange.send(sseEvent(chatChunk(request, chatDelta(request, piece), null))),
  );
  if (end === "closed") return;
  if (end === "interrupted") return breakOff(call);
  let closing = sseEvent(chatChunk(request, {}, plan.finishReason));
  if (wantsStreamUsage(request) && behaviour.kind === "reply" && behaviour.usage !== "omit") {
    closing += sseEvent(chatUsageChunk(request, chatUsage(bill.row.usage)));
    bill.usageReported();
  }
  bill.finish("completed");
  exchange.end(closing + SSE_DONE);
}

/** Ends an answer before its time, in the way that the behaviour names. */
async function breakOff({ behaviour, bill, exchange, request }: AcceptedCall): Promise<void> {
  switch (behaviour.kind) {
    case "cut":
      bill.finish("cut");
      return exchange.destroy();
    case "error-part": {
      bill.finish("failed");
      const message = behaviour.message ?? "The server had an error while processing your request.";
      return exchange.end(sseEvent(openAiError(message, "server_error", null)));
    }
    case "malformed": {
      bill.finish("failed");
      const json = JSON.stringify(chatChunk(request, { content: "" }, null));
      return exchange.end(`data: ${json.slice(0, json.length / 2)}\n\n`);
    }
    default:
      return exchange.closed;
  }
}
