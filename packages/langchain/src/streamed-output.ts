import { isObject, read, readText } from "./shape.ts";

/** A tool call in pieces. */
interface Pieces {
  id: unknown;
  name: string;
  args: string;
}

/**
 * Puts the parts of a stream together again, for evaluators: what a call without a stream would
 * have given them. Parts are chunks of messages, or events about blocks of content.
 */
export class StreamedOutput {
  #text = "";
  readonly #calls = new Map<unknown, Pieces>();
  /** Finished tool calls of event streams. */
  readonly #blocks: unknown[] = [];

  /** Takes a part in, and returns how many characters of text it brought. */
  add(part: unknown): number {
    const text = readText(part, "text") ?? readText(read(part, "delta"), "text") ?? "";
    this.#text += text;
    const pieces = read(read(part, "message"), "tool_call_chunks");
    for (const piece of Array.isArray(pieces) ? pieces : []) this.#addPiece(piece);
    const block =
      read(part, "event") === "content-block-finish" ? read(part, "content") : undefined;
    if (readText(block, "type") === "tool_call") this.#blocks.push(block);
    return text.length;
  }

  /** The text; with the tool calls beside it where the model asked for any. */
  value(): unknown {
    const calls = [...this.#calls.values()].map(toCall).concat(this.#blocks.map(toCall));
    return calls.length === 0 ? this.#text : { content: this.#text, tool_calls: calls };
  }

  #addPiece(piece: unknown): void {
    const key = read(piece, "index") ?? read(piece, "id") ?? this.#calls.size;
    let pieces = this.#calls.get(key);
    if (pieces === undefined) {
      pieces = { id: read(piece, "id"), name: "", args: "" };
      this.#calls.set(key, pieces);
    }
    pieces.name += readText(piece, "name") ?? "";
    pieces.args += readText(piece, "args") ?? "";
  }
}

function toCall(from: unknown): object {
  const given = read(from, "args");
  const args = typeof given === "string" ? parsed(given) : given;
  return { type: "tool_call", id: read(from, "id"), name: read(from, "name"), args };
}

/** Text that is no JSON stays what it is, for an evaluator to say so. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text === "" ? "{}" : text);
    return isObject(value) ? value : text;
  } catch {
    return text;
  }
}
