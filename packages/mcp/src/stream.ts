import type { Guard } from "@burnrate/core";
import { withoutClaim } from "@burnrate/core/adapter";
import { type OpenCall, openCall } from "./open-call.ts";
import { read } from "./shape.ts";
import type { ToolCall } from "./to-call.ts";

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
  const open = openCall(await guard.begin(call.request), call.caller);
  let taskId: unknown;
  let messages: AsyncIterator<unknown> | undefined;
  try {
    messages = stream.open(call.argsWith(open.signal))[Symbol.asyncIterator]();
    for (;;) {
      const { done, value } = await nextOrCut(open, messages);
      if (done === true) break;
      taskId ??= read(read(value, "task"), "taskId");
      await settleBy(open, value);
      yield value;
    }
    await open.fail(new Error("The stream ended without a result."));
  } catch (error) {
    const cut = open.cut();
    if (cut !== undefined && typeof taskId === "string") stream.cancelTask(taskId);
    await open.fail(error);
    throw cut ?? error;
  } finally {
    await open.abandon();
    // Not awaited: the SDK's generator may be asleep between two polls.
    messages?.return?.()?.catch(() => undefined);
  }
}

/** The SDK's generators end with exactly one of these. */
async function settleBy(open: OpenCall, message: unknown): Promise<void> {
  const cut = open.cut();
  if (cut !== undefined) throw cut;
  const type = read(message, "type");
  if (type === "result") await open.succeed(read(message, "result"));
  if (type === "error") await open.fail(read(message, "error"));
}

/** The SDK sleeps between polls without looking at the signal; a kill does not wait for that. */
function nextOrCut(
  open: OpenCall,
  messages: AsyncIterator<unknown>,
): Promise<IteratorResult<unknown>> {
  return new Promise((resolve, reject) => {
    const rejectIfCut = (): void => {
      const cut = open.cut();
      if (cut !== undefined) reject(cut);
    };
    open.signal.addEventListener("abort", rejectIfCut);
    rejectIfCut();
    withoutClaim(() => messages.next())
      .then(resolve, reject)
      .finally(() => open.signal.removeEventListener("abort", rejectIfCut));
  });
}
