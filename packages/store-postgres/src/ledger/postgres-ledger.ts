import { type Ledger, systemClock } from "@burnrate/core";
import { createBatchingLedger, type LedgerOperation } from "@burnrate/core/adapter";
import type { Database } from "../database.ts";
import { within } from "../within.ts";
import { decodeReplies } from "./decode-replies.ts";
import { encodeOperations } from "./encode-operations.ts";

/** How often one process asks for upkeep while it works; of a fleet one does it. */
const UPKEEP_EVERY_MS = 10_000;
/** And after so many operations, so that more is forgotten than comes, however busy the fleet. */
const UPKEEP_EVERY_ITEMS = 10_000;
/** Rows of each kind that one upkeep forgets at most. */
const UPKEEP_ROWS = 20_000;
/**
 * So long one batch keeps the next one waiting. Longer than guards wait for it, because a lease
 * that is heard of late is given back, and one that nobody hears of is charged as unknown.
 */
const ANSWER_MS = 30_000;

/** What the ledger tells the rest of the store. */
export interface PostgresLedgerOptions {
  /** Each reply names the newest line of the kill log. */
  readonly onEpoch: (killEpoch: number) => void;
  readonly close: () => Promise<void>;
}

/** The ledger on the function `run`: one statement a round trip, whatever it carries. */
export function createPostgresLedger(database: Database, options: PostgresLedgerOptions): Ledger {
  const { schema } = database;
  const text = `select ${schema}.run($1, $2, $3, $4, $5, $6, $7) as reply`;
  let upkeepAtMs = Number.NEGATIVE_INFINITY;
  let items = 0;
  let upkeep: Promise<unknown> | undefined;

  /** Telemetry of nobody: what one upkeep could not do, the next does. */
  function keepUp(operations: readonly LedgerOperation[]): void {
    for (const { batch } of operations) items += batch.length;
    const nowMs = systemClock.monotonicMs();
    if (upkeep !== undefined) return;
    if (items < UPKEEP_EVERY_ITEMS && nowMs - upkeepAtMs < UPKEEP_EVERY_MS) return;
    upkeepAtMs = nowMs;
    items = 0;
    upkeep = database
      .query(`select ${schema}.maintain($1::text::bigint)`, [UPKEEP_ROWS], ANSWER_MS)
      .catch(() => undefined)
      .finally(() => {
        upkeep = undefined;
      });
  }

  return createBatchingLedger({
    windows: "store",
    ready: () => database.ready(),
    run: async (operations) => {
      const parameters = encodeOperations(operations);
      const [row] = await database.query(text, parameters, ANSWER_MS);
      const replies = decodeReplies(operations, row?.["reply"] ?? "");
      options.onEpoch(replies[0]?.killEpoch ?? 0);
      keepUp(operations);
      return replies;
    },
    close: async () => {
      await within(Promise.resolve(upkeep)).catch(() => {});
      await options.close();
    },
  });
}
