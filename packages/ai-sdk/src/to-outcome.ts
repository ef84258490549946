import { fieldsOf, type StreamPart } from "./sdk-types.ts";

/** Where answers of each kind have what they are about; the rest is about how they were made. */
const OUTPUTS = [
  "content",
  "text",
  "ranking",
  "answers",
  "embeddings",
  "images",
  "videos",
  "audio",
];

/** What evaluators see of an answer: its content parts, text, embeddings, images and so on. */
export function outputOf(result: unknown): unknown {
  const fields = fieldsOf(result);
  const key = OUTPUTS.find((name) => fields[name] !== undefined);
  return key === undefined ? undefined : fields[key];
}

const NO_IDS: readonly string[] = Object.freeze([]);

/**
 * The tool calls of an answer whose results a later step of the run brings: those that this process
 * will execute, and those of the provider's own that the answer breaks off at, with nothing said
 * after them.
 */
export class AwaitedCalls {
  #ids: readonly string[] = NO_IDS;
  /** Made when there is one: most answers call no tool of the provider's. */
  #unanswered: Set<string> | undefined;

  /** Looks at the next part of an answer, whole or of a stream. */
  see(part: unknown): void {
    const { type, toolCallId: id } = (part ?? {}) as { type?: unknown; toolCallId?: unknown };
    if (type === "text" || type === "text-delta") this.#unanswered?.clear();
    if (typeof id !== "string") return;
    if (type === "tool-result") this.#unanswered?.delete(id);
    if (type !== "tool-call") return;
    if (toolCallIdOf(part) !== undefined) this.#ids = [...this.#ids, id];
    else this.#unanswered = (this.#unanswered ?? new Set()).add(id);
  }

  ids(): readonly string[] {
    return this.#unanswered === undefined ? this.#ids : [...this.#ids, ...this.#unanswered];
  }
}

/** Ids of the tool calls in an answer whose results a later step brings. */
export function awaitedIn(result: unknown): readonly string[] {
  const { content } = fieldsOf(result);
  const awaited = new AwaitedCalls();
  if (Array.isArray(content)) for (const part of content) awaited.see(part);
  return awaited.ids();
}

/** The id when a part is a tool call that this process will execute. */
export function toolCallIdOf(part: unknown): string | undefined {
  const call = part as { type?: unknown; toolCallId?: unknown; providerExecuted?: unknown } | null;
  if (call?.type !== "tool-call" || call.providerExecuted === true) return undefined;
  return typeof call.toolCallId === "string" ? call.toolCallId : undefined;
}

/** Whether a part of an answer, whole or of a stream, is something that the model wrote. */
export function isWritten(part: unknown): boolean {
  const { type, text, delta } = fieldsOf(part);
  const written = text ?? delta;
  return type === "tool-call" || (typeof written === "string" && written !== "");
}

/** Whether the model wrote anything in its answer. */
export function hasWritten(answer: unknown): boolean {
  const { content } = fieldsOf(answer);
  return Array.isArray(content) && content.some(isWritten);
}

/** Puts a stream's parts together again, for evaluators. */
export interface OutputCollector {
  add(part: StreamPart): void;
  /** The content parts as a call without a stream would have had them. */
  content(): unknown[];
}

/** Collects texts, reasoning, tool calls and whatever else is content. */
export function createOutputCollector(): OutputCollector {
  const content: unknown[] = [];
  const texts = new Map<string, { type: "text" | "reasoning"; text: string }>();
  const append = (type: "text" | "reasoning", id: string, delta: string): void => {
    const key = `${type} ${id}`;
    let text = texts.get(key);
    if (text === undefined) {
      text = { type, text: "" };
      texts.set(key, text);
      content.push(text);
    }
    text.text += delta;
  };
  return {
    add(part) {
      if (part.type === "text-delta") append("text", part.id, part.delta);
      else if (part.type === "reasoning-delta") append("reasoning", part.id, part.delta);
      else if (CONTENT.has(part.type)) content.push(part);
    },
    content: () => content,
  };
}

const CONTENT: ReadonlySet<string> = new Set(["tool-call", "tool-result", "file", "source"]);
