import { findGuardError } from "../../errors/find-guard-error.ts";
import type { Guard } from "../../guard/guard.ts";
import { callProvider, requestOf } from "./provider-call.ts";
import type { SpendOrder, Spent } from "./worker-calls.ts";

/** Makes the calls of an order, in lanes, and counts what came of them. */
export async function spend(
  guard: Guard,
  providerUrl: string,
  order: SpendOrder,
): Promise<Omit<Spent, "questions">> {
  const refused: Record<string, number> = {};
  let [left, admitted, failed] = [order.calls, 0, 0];

  async function lane(): Promise<void> {
    while (left > 0) {
      left--;
      const code = await callOnce(guard, providerUrl, order);
      if (code === undefined) admitted++;
      else if (code === "failed") failed++;
      else {
        refused[code] = (refused[code] ?? 0) + 1;
        if (code === order.until) return;
      }
    }
  }

  const run = (): Promise<unknown> => Promise.all(Array.from({ length: order.lanes }, lane));
  await (order.task === undefined ? run() : guard.with({ task: order.task }, run));
  return { admitted, failed, refused };
}

/** The code of its refusal; `failed` when it was sent and brought no answer. */
async function callOnce(
  guard: Guard,
  providerUrl: string,
  order: SpendOrder,
): Promise<string | undefined> {
  let sent = false;
  try {
    await guard.run(requestOf(order), (permit) => {
      sent = true;
      return callProvider(providerUrl, order, permit);
    });
    return undefined;
  } catch (error) {
    const refusal = sent ? undefined : findGuardError(error);
    if (!sent && refusal === undefined) throw error;
    return refusal?.code ?? "failed";
  }
}
