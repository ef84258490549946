/** What a reservation has on one account. */
export interface Hold {
  readonly account: number;
  readonly amount: number;
  /** Where a rolling window counts it. */
  readonly slotMs: number;
  /** How often the account had been corrected when the end became unknown. */
  readonly corrections: number;
}

/** Holds as one column: four numbers for each, in a JSON array; nothing for none. */
export function toText(holds: readonly Hold[]): string {
  if (holds.length === 0) return "";
  let text = "";
  for (const { account, amount, slotMs, corrections } of holds) {
    text += `${text === "" ? "[" : ","}${account},${amount},${slotMs},${corrections}`;
  }
  return `${text}]`;
}

/** The holds of a column. */
export function holdsOf(text: string): readonly Hold[] {
  if (text === "") return [];
  const flat = JSON.parse(text) as number[];
  const holds: Hold[] = [];
  for (let at = 0; at < flat.length; at += 4) {
    holds.push({
      account: flat[at] ?? 0,
      amount: flat[at + 1] ?? 0,
      slotMs: flat[at + 2] ?? 0,
      corrections: flat[at + 3] ?? 0,
    });
  }
  return holds;
}
