import type { Usage } from "@burnrate/core";
import { read } from "./shape.ts";
import { messageUsage } from "./to-outcome.ts";
import { addUsage, latestUsage, toUsage } from "./to-usage.ts";

/**
 * What a stream says that was used, and whether that can be all. Anthropic's begin with the input
 * and a first token, Gemini's say the sum so far with each piece: what is written after that is in
 * no figure yet.
 */
export class StreamedUsage {
  #newest: Usage | undefined;
  /** Whether the model wrote anything. */
  #wrote = false;
  /** Whether it did since the newest usage. */
  #wroteSince = false;
  /** Whether the newest usage came by itself, when everything was written. */
  #isLast = false;

  /** Takes a part in; `wrote`: it is text, reasoning or a piece of a tool call. */
  see(part: unknown, message: unknown, wrote: boolean): void {
    const before = this.#newest;
    if (message === undefined && read(part, "event") !== undefined) {
      this.#newest = latestUsage(before, toUsage(read(part, "usage")));
    } else if (read(message, "usage_metadata") !== undefined) {
      this.#newest = addUsage(before, messageUsage(message)); // most chunks have none
    }
    if (this.#newest !== before) {
      this.#wroteSince = false;
      this.#isLast = this.#wrote && !wrote;
    } else if (wrote) {
      this.#wroteSince = true;
      this.#isLast = false;
    }
    this.#wrote ||= wrote;
  }

  /** Of a stream that ended. Undefined when the provider did not say what it used in the end. */
  ended(): Usage | undefined {
    const isShort = this.#wroteSince || (this.#wrote && this.#newest?.outputTokens === 0);
    return isShort ? undefined : this.#newest;
  }

  /** Of a stream that nobody reads on: only what came when everything was written. */
  left(): Usage | undefined {
    return this.#isLast ? this.ended() : undefined;
  }
}
