import { type Fields, fieldsOf, type StreamPart } from "./sdk-types.ts";

/**
 * A finish part as an answer that was whole. Not a copy, because a getter of the provider's may
 * throw; nor does it inherit from the part, which would cost a hidden class for each stream.
 */
export class FinishedAnswer {
  readonly content: readonly unknown[];
  readonly #part: Fields;

  constructor(part: StreamPart, content: readonly unknown[]) {
    this.content = content;
    this.#part = fieldsOf(part);
  }

  get usage(): unknown {
    return this.#part["usage"];
  }
  get providerMetadata(): unknown {
    return this.#part["providerMetadata"];
  }
  get response(): unknown {
    return this.#part["response"];
  }
  /** Of a transcription. */
  get durationInSeconds(): unknown {
    return this.#part["durationInSeconds"];
  }
}
