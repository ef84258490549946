const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * How long to wait before a lock is asked for again, as parts of the longest pause: spread evenly
 * from 0 to 1, and the same in every run. Each thread of each process walks through them from a
 * place of its own (`who`): those in step would meet again and again.
 *
 * @see https://en.wikipedia.org/wiki/Low-discrepancy_sequence#Additive_recurrence
 */
export function lockPauses(who: number): () => number {
  let step = who;
  return () => {
    step++;
    return (step * GOLDEN_RATIO) % 1;
  };
}
