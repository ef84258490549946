/**
 * Whether a ledger may count with it: whole, 0 or more, exact. Everything else is taken for the
 * most that it can be, never for less: a reservation of it is refused, a settlement of it charges
 * all that was reserved.
 */
export function isAmount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
