import { BudgetExceededError } from "../errors/budget-exceeded-error.ts";

/** For a permit that was used after its money had been given back. */
export function expiredError(call: { readonly name: string }): BudgetExceededError {
  return new BudgetExceededError({
    message: `the reservation of "${call.name}" expired before it was used, and its money was given back. Begin again. Where a call waits for long before it is sent, raise reservation.undispatchedTtlMs.`,
    scope: "reservation",
  });
}
