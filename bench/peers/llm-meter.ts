import { CostLimitExceeded, cap, defineModel, LlmMeter } from "llm-meter";
import type { Limited, Peer, Setup } from "./peer.ts";
import { type Chunk, type FakeCall, MODEL, PRICE, type Reply, readAll } from "./provider.ts";

/** A call as the instrumented client takes it; OpenAI's has `messages` instead of ours. */
interface Request {
  readonly model: string;
  readonly stream: boolean;
  readonly ours: { readonly call: FakeCall; readonly signal?: AbortSignal };
}

/** A client in the shape of OpenAI's, instrumented; each call inside one cap. */
function limit({ provider, limitUsd }: Setup): Limited {
  defineModel(MODEL, {
    inputPer1k: PRICE.input / 1_000,
    outputPer1k: PRICE.output / 1_000,
    provider: "openai",
  });
  const meter = new LlmMeter();
  const create = ({ ours: { call, signal } }: Request): Promise<Reply | AsyncIterable<Chunk>> =>
    signal === undefined ? provider.complete(call) : Promise.resolve(provider.stream(call, signal));
  const client = meter.instrumentOpenAI({ chat: { completions: { create } } });
  const spending = cap({ maxCostUsd: limitUsd, meter });
  return {
    async call(call) {
      const request = { model: MODEL, stream: false, ours: { call } };
      try {
        await spending.run(() => client.chat.completions.create(request));
        return true;
      } catch (error) {
        if (error instanceof CostLimitExceeded) return false;
        throw error;
      }
    },
    async stream(call, signal) {
      const request = { model: MODEL, stream: true, ours: { call, signal } };
      await spending.run(async () => {
        const stream = await client.chat.completions.create(request);
        await readAll(stream as AsyncIterable<Chunk>);
      });
    },
    async afterAbort() {
      return { counts: "money", chargedUsd: meter.spentUsd, heldUsd: 0 };
    },
  };
}

export const llmMeter: Peer = { name: "llm-meter, `cap`", package: "llm-meter", lacks: {}, limit };
