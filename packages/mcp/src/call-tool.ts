import type { Guard, Permit } from "@burnrate/core";
import { beginAtOnce, cutReason, isDone, isPromise, withoutClaim } from "@burnrate/core/adapter";
import type { ClientTasks } from "./client-tasks.ts";
import { isNeverSent, noteNeverSent } from "./never-sent.ts";
import { failCall, openCall } from "./open-call.ts";
import { orCut } from "./or-cut.ts";
import type { ToolCall } from "./to-call.ts";
import { refusedInside } from "./to-error.ts";
import { toResult } from "./to-outcome.ts";
import { createdTask } from "./wire-answers.ts";

/**
 * Sends a tool call under the guard. One that goes on as a task ends with the task.
 * @throws {GuardError} when refused (nothing is sent) or cut; otherwise what the SDK throws.
 */
export async function callTool(
  guard: Guard,
  call: ToolCall,
  tasks: ClientTasks,
  send: (args: unknown[]) => unknown,
): Promise<unknown> {
  let permit: Permit;
  try {
    const begun = beginAtOnce(guard, call.request);
    permit = isPromise(begun) ? await begun : begun;
  } catch (error) {
    throw noteNeverSent(error);
  }
  const signal = openCall(permit, call);
  let result: unknown;
  try {
    // A server in this process must not take its own calls for this one.
    const sendNow = (): unknown => withoutClaim(() => send(call.argsWith(signal)));
    result = await (call.mayNeedInput ? orCut(permit, async () => sendNow()) : sendNow());
  } catch (error) {
    const cut = cutReason(permit);
    await failCall(permit, call, error);
    throw cut ?? error;
  }
  const taskId = call.asksForTask ? createdTask(result) : undefined;
  if (taskId !== undefined) {
    tasks.add(taskId, permit);
    return result;
  }
  if (isNeverSent(result)) {
    await permit.fail(refusedInside());
    return result;
  }
  const cut = cutReason(permit);
  if (cut !== undefined) {
    await permit.fail(cut);
    throw cut;
  }
  const settled = permit.settle(toResult(result, permit.wantsOutput, permit.wantsSources));
  if (!isDone(permit)) await settled;
  return result;
}
