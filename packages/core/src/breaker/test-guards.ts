import { model, setUp, WHY } from "../guard/test-fixture.ts";
import type { CallRequest, Guard, GuardOptions } from "../index.ts";
import { findGuardError } from "../index.ts";

export const TTL: { readonly reason: string; readonly by: string; readonly ttlMs: number } = {
  ...WHY,
  ttlMs: 60_000,
};

export async function failWith(
  guard: Guard,
  error: unknown,
  request: CallRequest = model(1, 1),
): Promise<void> {
  const permit = await guard.begin(request);
  permit.dispatched();
  await permit.fail(error);
}

export const down = (): Error => Object.assign(new Error("no"), { statusCode: 503 });

export async function refusalOf(
  guard: Guard,
  request: CallRequest = model(1, 1),
): Promise<unknown> {
  try {
    await (await guard.begin(request)).release();
    return undefined;
  } catch (error) {
    return findGuardError(error)?.details;
  }
}

/** A guard whose circuit of `openai/gpt-5-mini` is open. */
export async function opened(options: GuardOptions = {}): Promise<ReturnType<typeof setUp>> {
  const test = setUp({ breaker: true, ...options });
  for (let count = 0; count < 5; count++) await failWith(test.guard, down());
  return test;
}
