import type { PendingCall } from "../index.ts";

/** A model call of a user, for gates that are used without a guard. */
export function call(id: number, user: string): PendingCall {
  return {
    id: `${id}`,
    kind: "model",
    provider: "openai",
    name: "gpt-5",
    model: undefined,
    idempotent: false,
    canonicalProvider: undefined,
    purpose: "agent",
    context: { user },
    tasks: [],
    input: undefined,
    signal: undefined,
  };
}
