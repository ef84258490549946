import type { Guard } from "@burnrate/core";
import { withoutClaim } from "@burnrate/core/adapter";
import { failCall, openCall } from "./open-call.ts";
import type { ToolCall } from "./to-call.ts";
import { cutReason } from "./to-error.ts";
import { toResult } from "./to-outcome.ts";

/**
 * Sends a tool call under the guard.
 * @throws {GuardError} when refused (nothing is sent) or cut; otherwise what the SDK throws.
 */
export async function callTool(
  guard: Guard,
  call: ToolCall,
  send: (args: unknown[]) => unknown,
): Promise<unknown> {
  const permit = await guard.begin(call.request);
  const signal = openCall(permit, call);
  let result: unknown;
  try {
    // A server in this process must not take its own calls for this one.
    result = await withoutClaim(() => send(call.argsWith(signal)));
  } catch (error) {
    const cut = cutReason(permit);
    await failCall(permit, call, error);
    throw cut ?? error;
  }
  await permit.settle(toResult(result, permit.wantsOutput));
  return result;
}
