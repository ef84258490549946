import type { Permit } from "@burnrate/core";
import { cutReason, HoldBack } from "@burnrate/core/adapter";
import type { HeldTokens } from "./held-tokens.ts";
import type { StreamedOutput } from "./streamed-output.ts";

/** A part, and the tokens that the model told of before it. */
interface Piece {
  readonly part: unknown;
  readonly tokens: readonly (() => unknown)[];
}

/** A stream whose text stays behind until it was judged. */
export class HeldStream {
  readonly #held: HoldBack<Piece>;
  readonly #tokens: HeldTokens;
  readonly #output: StreamedOutput;

  constructor(characters: number, tokens: HeldTokens, output: StreamedOutput) {
    this.#held = new HoldBack({ characters });
    this.#tokens = tokens;
    this.#output = output;
  }

  /**
   * Takes a part in, and gives those that may go by now.
   * @throws {EvaluationFailedError} `BR6001` when what came so far fails.
   */
  async *passOn(part: unknown, characters: number, permit: Permit): AsyncGenerator<unknown> {
    this.#held.add({ part, tokens: this.#tokens.take() }, characters, false);
    if (!this.#held.isReviewDue) return;
    const passed = await permit.review(this.#output.value());
    const reason = cutReason(permit);
    if (reason !== undefined) throw reason;
    if (passed) yield* tell(this.#held.release());
  }

  /** Gives all that is left, once the whole passed. */
  async *rest(): AsyncGenerator<unknown> {
    yield* tell(this.#held.rest());
    await this.#tokens.tell();
  }
}

async function* tell(pieces: readonly Piece[]): AsyncGenerator<unknown> {
  for (const { part, tokens } of pieces) {
    for (const token of tokens) await token();
    yield part;
  }
}
