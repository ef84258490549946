const NORMALLY = 13;

/** Seeds from `first` up to, but without, `end`. */
export interface Seeds {
  readonly first: number;
  readonly end: number;
}

/**
 * The seeds of random traffic that are tried: 13 normally, `BURNRATE_SEEDS=1000` for a thousand,
 * and `BURNRATE_SEEDS=400-599` for a piece of them.
 */
export function seedsToTry(given: string | undefined = process.env["BURNRATE_SEEDS"]): Seeds {
  if (given === undefined || given === "") return { first: 0, end: NORMALLY };
  const [, from, to] = /^(?:(\d{1,6})-)?(\d{1,6})$/.exec(given) ?? [];
  const seeds =
    from === undefined
      ? { first: 0, end: Number(to) }
      : { first: Number(from), end: Number(to) + 1 };
  if (seeds.end > seeds.first) return seeds;
  throw new Error(
    `BURNRATE_SEEDS=${given} must be a count, such as 1000, or a range, such as 400-599`,
  );
}
