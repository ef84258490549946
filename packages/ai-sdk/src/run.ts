import { isGuardError, type OpenTask } from "@burnrate/core";

/** One run of the framework (`generateText`, `streamText`, an agent), opened as a task. */
export class Run {
  readonly task: OpenTask;
  readonly #onEnd: (run: Run) => void;
  #lastAttemptFailed = false;
  #ended = false;

  constructor(task: OpenTask, onEnd: (run: Run) => void) {
    this.task = task;
    this.#onEnd = onEnd;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** A step brought an answer; without tool calls of ours to execute it was the last one. */
  stepped(toolCallIds: readonly string[]): void {
    this.#lastAttemptFailed = false;
    if (toolCallIds.length === 0) this.end();
  }

  /**
   * A step failed. The framework repeats what it calls retryable; everything else ends the run, and
   * so does all if another attempt could not be recognised (`joinable`) as part of it.
   */
  failed(error: unknown, joinable: boolean, aborted: boolean): void {
    const refused = isGuardError(error);
    // The error itself is not kept: its stack would keep alive what tells that the run is over.
    this.#lastAttemptFailed = true;
    if (joinable && !aborted && !refused && isRetryable(error)) return;
    this.#end({ error, aborted: aborted && !refused });
  }

  /** Ends the task as the last step left it. Later calls do nothing. */
  end(aborted = false): void {
    if (this.#lastAttemptFailed)
      this.#end({ error: new Error("The last attempt failed."), aborted });
    else this.#end({ aborted });
  }

  #end(outcome: { readonly error?: unknown; readonly aborted: boolean }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd(this);
    void this.task.end(outcome); // evaluators of the task are heard in its records
  }
}

function isRetryable(error: unknown): boolean {
  return (error as { isRetryable?: unknown } | null | undefined)?.isRetryable === true;
}
