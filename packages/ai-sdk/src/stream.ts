import type { Permit } from "@burnrate/core";
import type { Attempt } from "./model-hook.ts";
import type { StreamPart } from "./sdk-types.ts";
import { killOf, toError } from "./to-error.ts";
import { createOutputCollector, type OutputCollector, toolCallIdOf } from "./to-outcome.ts";
import { toUsage } from "./to-usage.ts";

/** English text has about four bytes a token; three leave room for other scripts and for code. */
const BYTES_PER_TOKEN = 3;

/**
 * Hands a model's stream on part by part, pulling only when it is pulled, and settles the call on
 * whichever end comes first: finish, error part, throw, no finish part, cancel, abort, kill. A kill
 * becomes the stream's last part, an error, and the model's own stream is cancelled.
 */
export function settleStream(
  upstream: ReadableStream<StreamPart>,
  attempt: Attempt,
): ReadableStream<StreamPart> {
  const { permit } = attempt;
  const reader = upstream.getReader();
  const end = createStreamEnd(attempt);
  let stopListening = (): void => undefined;

  const breakOff = (
    controller: ReadableStreamDefaultController<StreamPart>,
    error: unknown,
  ): void => {
    stopListening();
    end.closed = true;
    controller.enqueue({ type: "error", error });
    controller.close();
    reader.cancel(error).catch(() => undefined);
  };

  return new ReadableStream<StreamPart>(
    {
      start(controller) {
        const onAbort = (): void => {
          const kill = killOf(permit);
          end.failed(kill ?? permit.signal.reason);
          if (kill !== undefined && !end.closed) breakOff(controller, kill);
        };
        permit.signal.addEventListener("abort", onAbort, { once: true });
        stopListening = () => permit.signal.removeEventListener("abort", onAbort);
        if (permit.signal.aborted) onAbort();
      },
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (end.closed) return;
          if (done) {
            stopListening();
            end.closed = true;
            end.failed(new Error("The model's stream ended without a finish part."));
            controller.close();
            return;
          }
          const refusal = await end.see(value);
          if (end.closed) return;
          if (refusal !== undefined) breakOff(controller, refusal);
          else controller.enqueue(value);
        } catch (thrown) {
          if (end.closed) return;
          stopListening();
          end.closed = true;
          const error = toError(thrown, permit);
          end.failed(error);
          controller.error(error);
        }
      },
      async cancel(reason) {
        stopListening();
        end.closed = true;
        end.abandoned(reason);
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Whatever ends a stream, told to the guard. */
interface StreamEnd {
  /** Nothing more is handed on. */
  closed: boolean;
  /** Looks at a part. Resolves to the error of a required evaluator that failed. */
  see(part: StreamPart): Promise<unknown> | undefined;
  failed(error: unknown): void;
  abandoned(reason: unknown): void;
}

function createStreamEnd({ permit, run, runs, params }: Attempt): StreamEnd {
  const output = permit.wantsOutput ? createOutputCollector() : undefined;
  const progress = createProgress(permit);
  const toolCallIds: string[] = [];
  let settled = false;

  const finish = (part: StreamPart & { type: "finish" }): Promise<unknown> | undefined => {
    if (settled) return undefined;
    settled = true;
    const usage = toUsage(part.usage, part.providerMetadata);
    const done = permit.settle({
      ...(usage && { usage }),
      ...(output && { output: output.content() }),
    });
    const outcome = done.then(
      () => {
        if (run !== undefined) runs.stepped(run, params, toolCallIds);
        return undefined;
      },
      (error: unknown) => {
        if (run !== undefined) runs.failed(run, params, error);
        return error;
      },
    );
    return output === undefined ? undefined : outcome; // only a judge is worth waiting for
  };

  const end: StreamEnd = {
    closed: false,
    see(part) {
      switch (part?.type) {
        case "finish":
          return finish(part);
        case "error":
          end.failed(part.error);
          return undefined;
        default:
          progress(part);
          collect(part, output, toolCallIds);
          return undefined;
      }
    },
    failed(error) {
      if (settled) return;
      settled = true;
      void permit.fail(error);
      if (run !== undefined) runs.failed(run, params, error);
    },
    abandoned(reason) {
      if (settled) return;
      settled = true;
      void permit.fail(reason, { abandoned: true });
      run?.end(true);
    },
  };
  return end;
}

function collect(part: StreamPart, output: OutputCollector | undefined, ids: string[]): void {
  output?.add(part);
  const id = toolCallIdOf(part);
  if (id !== undefined) ids.push(id);
}

/** Reports how much came; the first delta marks the time to first token. */
function createProgress(permit: Permit): (part: StreamPart) => void {
  let deltas = 0;
  let bytes = 0;
  return (part) => {
    const delta = (part as { delta?: unknown } | null | undefined)?.delta;
    if (typeof delta !== "string" && part?.type !== "tool-call") return;
    deltas += 1;
    if (typeof delta === "string") bytes += Buffer.byteLength(delta);
    permit.progress({ outputTokens: Math.max(deltas, Math.ceil(bytes / BYTES_PER_TOKEN)) });
  };
}
