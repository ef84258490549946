import { isGuardError, type OpenTask } from "@burnrate/core";

/** One run of the framework (`generateText`, `streamText`, an agent), opened as a task. */
export class Run {
  readonly task: OpenTask;
  readonly #onEnd: (run: Run) => void;
  #lastError: unknown;
  #ended = false;
  /** Ids of the tool calls that the newest step asked for. */
  toolCallIds: readonly string[] = [];
  /** Whether the next attempt of a step that failed can be recognised as part of this run. */
  joinable = false;

  constructor(task: OpenTask, onEnd: (run: Run) => void) {
    this.task = task;
    this.#onEnd = onEnd;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** A step brought an answer; without tool calls of ours to execute it was the last one. */
  stepped(toolCallIds: readonly string[]): void {
    this.#lastError = undefined;
    this.toolCallIds = toolCallIds;
    if (toolCallIds.length === 0) this.end();
  }

  /** A step failed. The framework repeats what it calls retryable; everything else ends the run. */
  failed(error: unknown, aborted: boolean): void {
    this.#lastError = error;
    const mayRetry = this.joinable && !aborted && !isGuardError(error) && isRetryable(error);
    if (!mayRetry) this.end(aborted && !isGuardError(error));
  }

  /** Ends the task as the last step left it. Later calls do nothing. */
  end(aborted = false): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd(this);
    const outcome =
      this.#lastError === undefined ? { aborted } : { error: this.#lastError, aborted };
    this.task.end(outcome).catch(() => undefined); // evaluators of the task are heard in its records
  }
}

function isRetryable(error: unknown): boolean {
  return (error as { isRetryable?: unknown } | null | undefined)?.isRetryable === true;
}
