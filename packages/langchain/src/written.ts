import { read, readText } from "./shape.ts";

/** Where blocks of content have their text, by provider. */
const TEXTS = ["text", "thinking", "reasoning"];

/** Whether a message, or a chunk of one, has blocks of content, or reasoning beside them. */
export function hasBlocks(message: unknown): boolean {
  const content = read(message, "content");
  if (Array.isArray(content) && content.some(isFilled)) return true;
  return readText(read(message, "additional_kwargs"), "reasoning_content") !== undefined;
}

function isFilled(block: unknown): boolean {
  return TEXTS.every((key) => read(block, key) !== "");
}
