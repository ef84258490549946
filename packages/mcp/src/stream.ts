import type { Guard, Permit } from "@burnrate/core";
import { cutReason, withoutClaim } from "@burnrate/core/adapter";
import { noteNeverSent } from "./never-sent.ts";
import { failCall, openCall } from "./open-call.ts";
import { orCut } from "./or-cut.ts";
import { read } from "./shape.ts";
import type { ToolCall } from "./to-call.ts";
import { toResult } from "./to-outcome.ts";

/** How a stream of task messages is opened, and how the task on the server is called off. */
export interface TaskStream {
  open(args: unknown[]): AsyncIterable<unknown>;
  cancelTask(taskId: string): void;
}

/**
 * Streams the messages of a tool call under the guard, from the first pull on. It settles when the
 * SDK reports result or error, and when the consumer leaves.
 * @throws {GuardError} from `next()` when refused (nothing is sent) or cut.
 */
export async function* streamTool(
  guard: Guard,
  call: ToolCall,
  stream: TaskStream,
): AsyncGenerator<unknown, void, void> {
  const permit = await guard.begin(call.request).catch((error: unknown) => {
    throw noteNeverSent(error);
  });
  const signal = openCall(permit, call);
  let taskId: unknown;
  let messages: AsyncIterator<unknown> | undefined;
  try {
    const iterator = stream.open(call.argsWith(signal))[Symbol.asyncIterator]();
    messages = iterator;
    for (;;) {
      const { done, value } = await orCut(permit, () => withoutClaim(() => iterator.next()));
      if (done === true) break;
      taskId ??= read(read(value, "task"), "taskId");
      await settleBy(permit, call, value);
      yield value;
    }
    await failCall(permit, call, new Error("The stream ended without a result."));
  } catch (error) {
    const cut = cutReason(permit);
    if (cut !== undefined && typeof taskId === "string") stream.cancelTask(taskId);
    await failCall(permit, call, error);
    throw cut ?? error;
  } finally {
    // The consumer walked away, unless the call has ended before.
    await permit.fail(undefined, { abandoned: true });
    // Not awaited: the SDK's generator may be asleep between two polls.
    messages?.return?.()?.catch(() => undefined);
  }
}

/** The SDK's generators end with exactly one of these. */
async function settleBy(permit: Permit, call: ToolCall, message: unknown): Promise<void> {
  const cut = cutReason(permit);
  if (cut !== undefined) throw cut;
  const type = read(message, "type");
  if (type === "result") {
    await permit.settle(toResult(read(message, "result"), permit.wantsOutput, permit.wantsSources));
  }
  if (type === "error") await failCall(permit, call, read(message, "error"));
}
