import type { Emitter } from "./emitter.ts";

const MAX_TOPICS = 256;

/**
 * Says each thing once: as a `warning` event, or as a Node.js process warning when nobody listens,
 * so that an unsafe default is never silent.
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
    if (this.#emitter.has("warning")) this.#emitter.emit("warning", { topic, message });
    else process.emitWarning(message, { type: "BurnrateWarning", code: topic });
  }
}
