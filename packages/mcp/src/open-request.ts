import {
  envelopeOf,
  isAnsweredOutside,
  type Message,
  type RequestId,
  remembersFailedSends,
} from "./mcp-transport.ts";
import { isNeverSent, noteNeverSent } from "./never-sent.ts";
import { toDenied } from "./to-outcome.ts";
import { asksForTask } from "./wire-answers.ts";
import type { Wire } from "./wire-call.ts";

const TAKES_RESULT: ReadonlySet<unknown> = new Set(["tools/call", "tasks/result"]);
const INTERNAL_ERROR = -32_603;

/** One request of the client, and the promise that its `send` gave back. */
export interface WireRequest {
  readonly id: RequestId;
  readonly message: Message;
  readonly options: unknown;
}

/** A request of the client that waits for its answer. */
export class OpenRequest {
  readonly id: RequestId;
  readonly #wire: Wire;
  readonly #options: unknown;
  readonly #message: Message;
  readonly #sent: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(wire: Wire, { id, message, options }: WireRequest) {
    this.id = id;
    this.#wire = wire;
    this.#options = options;
    this.#message = message;
  }

  /**
   * Settles once the request is over. Every client rejects a call with what its `send` rejects
   * with: so a refusal reaches the application as the error that it is.
   */
  get over(): Promise<void> {
    return this.#sent.promise;
  }

  /** The client has its answer, or waits for none any more. */
  end(): void {
    this.#sent.resolve();
  }

  /** The client gets an error: a refusal as `denyMode` says, any other as it is. */
  reject(error: unknown): void {
    const denied = this.#wire.options.denyMode === "result" ? this.#denied(error) : undefined;
    if (denied !== undefined) {
      this.#wire.deliver({ jsonrpc: "2.0", id: this.id, result: denied });
      this.end();
      return;
    }
    this.#sent.reject(error);
    if (remembersFailedSends(this.#options) && !isAnsweredOutside(this.#options))
      void this.#answerRejected();
  }

  /** A result in the server's place; undefined for what is no refusal, or wants no tool result. */
  #denied(error: unknown): object | undefined {
    const { method, params } = this.#message;
    if (!TAKES_RESULT.has(method) || asksForTask(params)) return undefined;
    try {
      const denied = toDenied(error);
      if (envelopeOf(params) === undefined) return denied;
      const modern = { ...denied, resultType: "complete" };
      return isNeverSent(denied) ? noteNeverSent(modern) : modern;
    } catch {
      return undefined;
    }
  }

  async #answerRejected(): Promise<void> {
    await this.over.catch(() => undefined);
    await undefined; // by now the client has rejected its call
    const error = { code: INTERNAL_ERROR, message: "Not sent." };
    this.#wire.deliver({ jsonrpc: "2.0", id: this.id, error });
  }
}
