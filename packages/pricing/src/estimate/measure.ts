/**
 * How a walk over a request weighs what it finds: by bytes, or by a tokenizer. No weight is above
 * that of bytes.
 */
export interface Measure {
  readonly frame: Frame;
  /** Messages that were measured before. */
  readonly counted: WeakMap<object, Counted>;
  /** Among few messages, one below this costs less to measure again than to remember. */
  readonly shortTokens: number;
  /** Set when an image or a file was found. Whoever wants to know clears it first. */
  files: boolean;
  /** Set when something was weighed by its bytes for want of time, and is not to be remembered. */
  rough: boolean;
  /** Text as it is. */
  text(text: string): number;
  /** A value written as JSON. */
  json(value: unknown): number;
  /** The same with its name before it. */
  field(key: string, value: unknown): number;
  /** A tool's description. */
  tool(tool: unknown): number;
}

/** What is added around parts of a request, in tokens. */
export interface Frame {
  readonly request: number;
  readonly message: number;
  readonly part: number;
  readonly tools: number;
  readonly tool: number;
}

/** What a message was when it was counted; a cheap look tells whether it still is. */
export interface Counted {
  readonly tokens: number;
  readonly files: boolean;
  readonly content: unknown;
  readonly length: number;
  readonly lastPart: unknown;
  readonly toolCalls: unknown;
}
