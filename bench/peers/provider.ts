/** A call of a model whose output costs $10 for a million tokens. */
export interface FakeCall {
  /** Most that it may use, in tokens. */
  readonly bound: number;
  /** What it uses in truth. */
  readonly used: number;
  /** How long the model thinks; 0 answers at once. */
  readonly thinksMs: number;
}

/** About a cent is held, 0.7 of it used, and the answer is there at once. */
export const INSTANT: FakeCall = { bound: 1_000, used: 700, thinksMs: 0 };

/**
 * What all are told to call, and what they are told that it costs: dollars for a million tokens.
 */
export const MODEL = "gpt-5";
export const PRICE = { input: 1.25, output: 10 } as const;
/** Dollars of a token of output. */
export const TOKEN_USD = 1e-5;

/** An answer in the shape of OpenAI's, which most peers read by themselves. */
export interface Reply {
  readonly model: string;
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  };
}

/** A part of a stream; the last one alone says what was used. */
export type Chunk = { readonly model: string; readonly delta: string } | Reply;

const CHUNKS = 10;

/** A provider of models with a ledger of its own: what it bills is the truth. */
export class FakeProvider {
  #billedTokens = 0;
  readonly #onSend: (sent: number) => void;

  /** `onSend` hears how many parts of a stream were sent, this one included. */
  constructor(onSend: (sent: number) => void = () => {}) {
    this.#onSend = onSend;
  }

  /** What it bills, in dollars. */
  get billedUsd(): number {
    return this.#billedTokens * TOKEN_USD;
  }

  async complete({ used, thinksMs }: FakeCall): Promise<Reply> {
    this.#billedTokens += used;
    if (thinksMs > 0) await new Promise((resolve) => setTimeout(resolve, thinksMs));
    return replyOf(used);
  }

  /** Bills each part when it is sent; throws when it is aborted, without a word about usage. */
  async *stream({ used }: FakeCall, signal: AbortSignal): AsyncGenerator<Chunk> {
    for (let part = 0; part < CHUNKS; part++) {
      signal.throwIfAborted();
      this.#billedTokens += used / CHUNKS;
      this.#onSend(part + 1);
      yield { model: MODEL, delta: "hello" };
    }
    yield replyOf(used);
  }
}

/** How many tokens a part of a stream has. */
export function tokensOfChunk({ used }: FakeCall): number {
  return used / CHUNKS;
}

function replyOf(used: number): Reply {
  const usage = { prompt_tokens: 0, completion_tokens: used, total_tokens: used };
  return { model: MODEL, usage };
}

/** Reads a stream to its end, and gives back what it said it used. */
export async function readAll(stream: AsyncIterable<Chunk>, onChunk?: () => void): Promise<Reply> {
  let reply: Reply | undefined;
  for await (const chunk of stream) {
    if ("usage" in chunk) reply = chunk;
    else onChunk?.();
  }
  if (reply === undefined) throw new Error("the stream did not say what it used");
  return reply;
}
