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

/** Ids of the tool calls in an answer that this process will execute. */
export function toolCallIdsOf(result: unknown): string[] {
  const { content } = fieldsOf(result);
  const ids: string[] = [];
  if (!Array.isArray(content)) return ids;
  for (const part of content) {
    const id = toolCallIdOf(part);
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

/** The id when a part is a tool call that this process will execute. */
export function toolCallIdOf(part: unknown): string | undefined {
  const call = part as { type?: unknown; toolCallId?: unknown; providerExecuted?: unknown } | null;
  if (call?.type !== "tool-call" || call.providerExecuted === true) return undefined;
  return typeof call.toolCallId === "string" ? call.toolCallId : undefined;
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
