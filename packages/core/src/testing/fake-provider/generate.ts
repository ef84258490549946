import type { AcceptedCall } from "./accepted-call.ts";
import type { GenerationPlan, Piece } from "./generation-plan.ts";

/**
 * Generates an answer chunk by chunk, billing each before it is sent, and stops where the behaviour
 * says so (`interrupted`) or when the client goes away (`closed`).
 */
export async function generate(
  call: AcceptedCall,
  plan: GenerationPlan,
  emit: (piece: Piece) => Promise<void> | void,
): Promise<"finished" | "interrupted" | "closed"> {
  const stopAt = interruptedAt(call, plan);
  call.bill.generatedReasoning(plan.reasoningTokens);
  for (const [index, piece] of plan.pieces.entries()) {
    if (index === stopAt) return "interrupted";
    if (!(await takeTurn(call, index))) return "closed";
    call.bill.generated(piece.tokens);
    await emit(piece);
  }
  if (stopAt !== undefined) return "interrupted";
  return (await takeTurn(call, plan.pieces.length)) ? "finished" : "closed";
}

/** After how many chunks the behaviour breaks off; `undefined` when the answer is whole. */
function interruptedAt({ behaviour }: AcceptedCall, plan: GenerationPlan): number | undefined {
  if (behaviour.kind === "reply") return undefined;
  return behaviour.afterChunks ?? (behaviour.kind === "stall" ? 0 : plan.pieces.length);
}

/** Waits for a chunk's time to come; false when the client left meanwhile. */
export async function takeTurn(call: AcceptedCall, index: number): Promise<boolean> {
  const { behaviour, exchange, pause } = call;
  await Promise.race([pause(behaviour.chunkDelayMs ?? 0, exchange.signal), exchange.closed]);
  if (exchange.signal.aborted) return false;
  const gate = behaviour.beforeChunk?.(index);
  if (gate !== undefined) await Promise.race([gate, exchange.closed]);
  return !exchange.signal.aborted;
}
