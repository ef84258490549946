import { DatabaseSync } from "node:sqlite";
import { ACCOUNTS, AMOUNT } from "./accounts.ts";

/** Carries out bare batches, each of them a transaction. */
export interface BareDatabase {
  /** Checks and holds. */
  hold(ids: readonly string[]): void;
  /** Ends what was held. */
  end(ids: readonly string[]): void;
  close(): void;
}

/** Whether each reservation is checked, held and settled by itself, or a batch by its sum. */
export type Sums = "reservation" | "batch";

/**
 * A bare batch insert that is as durable as ours: for each reservation a row under the caller's id,
 * found by its expiry, which stays when it has ended so that nobody reserves under its id again;
 * for each of them, or for each batch, one statement that checks and holds on three accounts, or
 * settles. One transaction for the holds of a batch, one for its ends, each on the disk before the
 * next (`synchronous = full`). No windows, limits, leases, late ends or replies, and no other
 * processes.
 */
export function openBare(path: string, sums: Sums): BareDatabase {
  const database = new DatabaseSync(path);
  database.exec(`pragma journal_mode = wal; pragma synchronous = full;
    create table account (id text primary key, most integer, settled integer, held integer)
      without rowid;
    create table reservation (id text primary key, accounts text, amount integer, due integer,
      ended integer) without rowid;
    create index reservation_due on reservation (due);
    insert into account values ('org', 1e15, 0, 0), ('agent', 1e15, 0, 0), ('task', 1e15, 0, 0);`);
  const hold = database.prepare(
    "update account set held = held + ? where id in (?, ?, ?) and settled + held + ? <= most",
  );
  const insert = database.prepare("insert into reservation values (?, ?, ?, ?, 0)");
  const end = database.prepare("update reservation set ended = 1 where id = ? and ended = 0");
  const settle = database.prepare(
    "update account set held = held - ?, settled = settled + ? where id in (?, ?, ?)",
  );
  const accounts = ACCOUNTS.join();
  const within = (work: () => void): void => {
    database.exec("begin immediate");
    work();
    database.exec("commit");
  };
  const togetherOf = (ids: readonly string[]): number => (sums === "batch" ? ids.length : 1);
  return {
    hold: (ids) => {
      const together = togetherOf(ids);
      const reserved = AMOUNT.reserved * together;
      within(() => {
        for (let sum = 0; sum < ids.length; sum += together) {
          hold.run(reserved, ...ACCOUNTS, reserved);
        }
        for (const id of ids) insert.run(id, accounts, AMOUNT.reserved, Date.now() + 60_000);
      });
    },
    end: (ids) => {
      const together = togetherOf(ids);
      const [reserved, used] = [AMOUNT.reserved * together, AMOUNT.used * together];
      within(() => {
        for (const id of ids) end.run(id);
        for (let sum = 0; sum < ids.length; sum += together) {
          settle.run(reserved, used, ...ACCOUNTS);
        }
      });
    },
    close: () => database.close(),
  };
}
