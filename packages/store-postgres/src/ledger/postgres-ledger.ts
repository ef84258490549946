import { type Ledger, type LedgerReply, systemClock } from "@burnrate/core";
import { createBatchingLedger, type LedgerOperation } from "@burnrate/core/adapter";
import type { Database } from "../database.ts";
import { within } from "../within.ts";
import { decodeReplies } from "./decode-replies.ts";
import { encodeOperations } from "./encode-operations.ts";
import { HeldReservations } from "./held-reservations.ts";
import { together } from "./together.ts";

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

/** Batches that do not try the short way after one that it did not take: it costs a round trip. */
const DETOURS = 16;

type Replies = readonly LedgerReply<unknown>[];

/** What the ledger tells the rest of the store. */
export interface PostgresLedgerOptions {
  /** Each reply names the newest line of the kill log. */
  readonly onEpoch: (killEpoch: number) => void;
  readonly close: () => Promise<void>;
}

/**
 * The ledger on the function `run`: one statement a round trip, whatever it carries. Batches that
 * are asked often have a shorter way.
 */
export function createPostgresLedger(database: Database, options: PostgresLedgerOptions): Ledger {
  const { schema } = database;
  const text = `select ${schema}.run($1, $2, $3, $4, $5, $6, $7) as reply`;
  const held = new HeldReservations();
  let detours = 0;
  let upkeepAtMs = Number.NEGATIVE_INFINITY;
  let items = 0;
  let upkeep: Promise<unknown> | undefined;

  async function runInTurn(operations: readonly LedgerOperation[]): Promise<Replies> {
    const [row] = await database.query(text, encodeOperations(operations), ANSWER_MS);
    return decodeReplies(operations, row?.["reply"] ?? "");
  }

  /** Undefined where the short way does not lead there: then nothing was done. */
  async function runTogether(operations: readonly LedgerOperation[]): Promise<Replies | undefined> {
    if (detours > 0) {
      detours -= 1;
      return undefined;
    }
    const asked = together(schema, operations, held);
    if (asked === undefined) return undefined;
    const [row] = await database.query(asked.text, asked.values, ANSWER_MS);
    const reply = asked.read(row?.["reply"]);
    if (reply === undefined) detours = DETOURS;
    return reply === undefined ? undefined : [reply];
  }

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
      const replies = (await runTogether(operations)) ?? (await runInTurn(operations));
      held.follow(operations, replies);
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
