import type { Ledger, LedgerReply } from "@burnrate/core";
import { systemClock } from "@burnrate/core";
import { createBatchingLedger, type LedgerOperation } from "@burnrate/core/adapter";
import { decodeRun, Figures } from "./decode-run.ts";
import { encodeRun } from "./encode-run.ts";
import { LEDGER_SCRIPT, RUN_STATUS } from "./script/ledger-script.ts";
import type { Session } from "./session.ts";
import { lostData, unavailable } from "./store-error.ts";

/** What the ledger of a store needs besides its session. */
export interface RedisLedgerOptions {
  readonly session: Session;
  /** Told the kill epoch of each reply. */
  onEpoch(epoch: number): void;
  close(): Promise<void>;
}

/**
 * So much earlier than its caller gives up, a run is too late: both clocks are read in whole
 * milliseconds, and a server that comes to at that moment must do nothing.
 */
const SPARE_MS = 2;

/**
 * The ledger on Redis. Each run is one script call with a number of its own: a client that sends it
 * again after a broken connection does not repeat it, and one that was carried out too late, after
 * its caller was told that it failed, does nothing.
 */
export function createRedisLedger({ session, onEpoch, close }: RedisLedgerOptions): Ledger {
  let runs = 0;
  /** The store's clock less this machine's monotonic one, as the last reply told. */
  let offsetMs: number | undefined;

  async function send(operations: readonly LedgerOperation[]): Promise<Figures> {
    const run = ++runs;
    await session.open();
    const encoded = encodeRun(operations, session.prefix);
    for (let attempt = 1; ; attempt++) {
      const untilMs =
        offsetMs === undefined
          ? 0
          : Math.floor(systemClock.monotonicMs() + offsetMs) + session.timeoutMs - SPARE_MS;
      const payload = { instance: session.instance, run, untilMs, ...encoded };
      const list = await session.evaluate(LEDGER_SCRIPT, payload);
      const status = Number(list[0]);
      offsetMs = Number(list[1]) - systemClock.monotonicMs();
      if (status === RUN_STATUS.done) return new Figures(list.slice(1));
      if (status === RUN_STATUS.lost) throw lostData();
      // Its clock has jumped, or ours stood still: the second attempt knows by how much.
      if (status === RUN_STATUS.late && attempt === 1) continue;
      throw unavailable(
        "the connection broke while a command was under way. What became of it is not known.",
      );
    }
  }

  return createBatchingLedger({
    windows: "store",
    ready: () => session.open(),
    run: async (operations): Promise<readonly LedgerReply<unknown>[]> => {
      const figures = await send(operations);
      const nowMs = figures.next();
      const killEpoch = figures.next();
      onEpoch(killEpoch);
      return decodeRun(operations, figures, { nowMs, killEpoch });
    },
    close,
  });
}
