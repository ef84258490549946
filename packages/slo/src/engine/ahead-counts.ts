import { MAX_SKEW_MS } from "../objective/duration.ts";
import type { BucketCounts } from "../windows/count-ring.ts";

/**
 * What clocks far ahead of ours counted, in buckets of one width. Alerts would look at it as of now
 * until our clock says as much, and again then: nobody knows when it happened.
 */
export class AheadCounts {
  #known = new Map<number, BucketCounts>();

  /** Stored buckets without it, also once their time has come. */
  leaveOut(stored: readonly BucketCounts[], nowMs: number): readonly BucketCounts[] {
    const known = new Map<number, BucketCounts>();
    const left: BucketCounts[] = [];
    for (const bucket of stored) {
      const [startsAtMs, bad, total] = bucket;
      const ahead = startsAtMs > nowMs + MAX_SKEW_MS ? bucket : this.#known.get(startsAtMs);
      if (ahead !== undefined) known.set(startsAtMs, ahead);
      const [, badAhead, totalAhead] = ahead ?? [0, 0, 0];
      const [badLeft, totalLeft] = [Math.max(0, bad - badAhead), total - totalAhead];
      if (ahead === undefined) left.push(bucket);
      else if (totalLeft > 0) left.push([startsAtMs, badLeft, totalLeft]);
    }
    this.#known = known;
    return left;
  }

  /** Our clock was behind itself, or stood still: it cannot tell who was ahead. */
  forget(): void {
    this.#known.clear();
  }
}
