/** Whole numbers in as few bytes as the largest needs. */
export type Counters = Uint8Array | Uint16Array | Uint32Array | Float64Array;

const WIDER = [
  { max: 0xff, make: (length: number): Counters => new Uint8Array(length) },
  { max: 0xffff, make: (length: number): Counters => new Uint16Array(length) },
  { max: 0xffff_ffff, make: (length: number): Counters => new Uint32Array(length) },
] as const;

/** Most agents make fewer than 256 calls a minute, so a bucket is a byte until one needs more. */
export function makeCounters(length: number): Counters {
  return new Uint8Array(length);
}

/** Adds to one counter; returns the array that holds it now, a wider one if it had to grow. */
export function addTo(counters: Counters, slot: number, amount: number): Counters {
  const sum = (counters[slot] as number) + amount;
  counters[slot] = sum;
  if (counters[slot] === sum) return counters;
  const wider = WIDER.find(({ max }) => max >= sum);
  const grown = wider?.make(counters.length) ?? new Float64Array(counters.length);
  counters[slot] = 0; // what overflowed
  grown.set(counters);
  grown[slot] = sum;
  return grown;
}
