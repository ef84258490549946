import type { Permit } from "@burnrate/core";
import { cutReason } from "@burnrate/core/adapter";

/**
 * Waits for an answer, or for a kill of the call. The SDK sleeps between polls, and waits for input,
 * without looking at the signal; a kill does not wait for that.
 */
export function orCut<T>(permit: Permit, run: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const rejectIfCut = (): void => {
      const cut = cutReason(permit);
      if (cut !== undefined) reject(cut);
    };
    permit.signal.addEventListener("abort", rejectIfCut);
    rejectIfCut();
    run()
      .then(resolve, reject)
      .finally(() => permit.signal.removeEventListener("abort", rejectIfCut));
  });
}
