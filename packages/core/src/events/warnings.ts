import { escapeUnprintable } from "../config/describe.ts";
import type { Emitter } from "./emitter.ts";

const MAX_TOPICS = 256;

/**
 * Says each thing once: as a `warning` event, or as a Node.js process warning when nobody listens,
 * so that an unsafe default is never silent. Texts are one line, whatever names are in them.
 */
export class Warnings {
  readonly #said = new Set<string>();
  readonly #emitter: Emitter;

  constructor(emitter: Emitter) {
    this.#emitter = emitter;
  }

  /** `topic` decides what counts as said already. */
  once(topic: string, message: string): void {
    if (this.#said.has(topic) || this.#said.size >= MAX_TOPICS) return;
    this.#said.add(topic);
    const warning = { topic: escapeUnprintable(topic), message: escapeUnprintable(message) };
    if (this.#emitter.has("warning")) this.#emitter.emit("warning", warning);
    else process.emitWarning(warning.message, { type: "BurnrateWarning", code: warning.topic });
  }
}
