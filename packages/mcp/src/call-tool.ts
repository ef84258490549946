import type { Guard } from "@burnrate/core";
import { withoutClaim } from "@burnrate/core/adapter";
import { openCall } from "./open-call.ts";
import type { ToolCall } from "./to-call.ts";

/**
 * Sends a tool call under the guard.
 * @throws {GuardError} when refused (nothing is sent) or cut; otherwise what the SDK throws.
 */
export async function callTool(
  guard: Guard,
  call: ToolCall,
  send: (args: unknown[]) => unknown,
): Promise<unknown> {
  const open = openCall(await guard.begin(call.request), call.caller);
  let result: unknown;
  try {
    // A server in this process must not take its own calls for this one.
    result = await withoutClaim(() => send(call.argsWith(open.signal)));
  } catch (error) {
    const cut = open.cut();
    await open.fail(error);
    throw cut ?? error;
  }
  await open.succeed(result);
  return result;
}
