/**
 * A tool call that the fake model makes. A string of arguments is sent as it is, valid JSON or not.
 */
export interface FakeToolCall {
  readonly name: string;
  readonly arguments: string | Readonly<Record<string, unknown>>;
}

/** What the model generates, whatever then happens to it on the way to the client. */
export interface Generation {
  /** Default: an echo of the last user message, or nothing when there are tool calls. */
  readonly text?: string;
  /**
   * How many pieces the text, and each tool's arguments, are dealt into. Default: one token each.
   */
  readonly chunks?: number;
  /** Before each chunk. Default 0, which yields to the event loop and starts no timer. */
  readonly chunkDelayMs?: number;
  /** How much of the input came from the prompt cache. Never more than the input. */
  readonly cachedTokens?: number;
  /** Generated, and billed, before the first chunk. Counts inside the request's output limit. */
  readonly reasoningTokens?: number;
  readonly toolCalls?: readonly FakeToolCall[];
  /** Default `tool_calls` or `stop`. An answer that hits its limit always ends with `length`. */
  readonly finishReason?: "stop" | "length" | "tool_calls" | "content_filter";
  /**
   * Awaited before chunk `index` is generated, and once more, with the number of chunks, before the
   * part that ends the answer. A promise that never resolves holds the request there until the
   * client goes away, so a test knows exactly what was generated.
   */
  readonly beforeChunk?: (index: number) => Promise<void> | void;
}

/** Answers in full. `usage: "omit"` forgets to say what was used; it is billed all the same. */
export interface ReplyBehaviour extends Generation {
  readonly kind: "reply";
  readonly usage?: "report" | "omit";
}

/** An HTTP error before anything was generated. Bills nothing. */
export interface FailBehaviour {
  readonly kind: "fail";
  readonly status: number;
  readonly message?: string;
}

/** A 429 with `Retry-After`. Bills nothing. */
export interface RateLimitBehaviour {
  readonly kind: "rate-limit";
  readonly retryAfterSeconds: number;
}

/**
 * Goes silent after that many chunks until the client closes; without `afterChunks`, never answers.
 */
export interface StallBehaviour extends Generation {
  readonly kind: "stall";
  readonly afterChunks?: number;
}

/** Destroys the connection after that many chunks. */
export interface CutBehaviour extends Generation {
  readonly kind: "cut";
  readonly afterChunks: number;
}

/** Sends `data: {"error": …}` after that many chunks of a stream. Without a stream it is a 500. */
export interface ErrorPartBehaviour extends Generation {
  readonly kind: "error-part";
  readonly afterChunks: number;
  readonly message?: string;
}

/** Breaks off in the middle of a JSON value, after that many chunks (default: all). */
export interface MalformedBehaviour extends Generation {
  readonly kind: "malformed";
  readonly afterChunks?: number;
}

/** A behaviour under which the request is accepted, so that its input is billed. */
export type AcceptingBehaviour =
  | ReplyBehaviour
  | StallBehaviour
  | CutBehaviour
  | ErrorPartBehaviour
  | MalformedBehaviour;

/** How the provider treats one request. */
export type Behaviour = AcceptingBehaviour | FailBehaviour | RateLimitBehaviour;
