import type { LateCharge, LateChargeResult } from "@burnrate/core";
import type { Connection } from "../database/connection.ts";
import { encodeText } from "../database/text.ts";
import type { AccountTable } from "./account-table.ts";
import { isAmount, toDuration } from "./amount.ts";

const INSERT = "INSERT INTO charge (id, due_at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING";
const FORGET = `DELETE FROM charge WHERE id IN (
  SELECT id FROM charge WHERE due_at_ms <= ? ORDER BY due_at_ms LIMIT ?)`;

const NOT_CHARGED: LateChargeResult = {
  applied: false,
  balance: undefined,
  spentBefore: undefined,
};

/** What was spent without a reservation, once for each id, within one transaction. */
export class Charges {
  readonly #connection: Connection;
  readonly #table: AccountTable;
  readonly #nowMs: number;

  constructor(connection: Connection, table: AccountTable, nowMs: number) {
    this.#connection = connection;
    this.#table = table;
    this.#nowMs = nowMs;
  }

  charge({ id, account: ref, amount, atMs, rememberMs }: LateCharge): LateChargeResult {
    if (!isAmount(amount)) return NOT_CHARGED;
    const untilMs = this.#nowMs + toDuration(rememberMs);
    const { changes } = this.#connection.prepare(INSERT).run(encodeText(id), untilMs);
    if (Number(changes) === 0) return NOT_CHARGED;
    const account = this.#table.open(ref);
    const slotMs = account.update(ref, atMs, this.#nowMs);
    const spentBefore = account.spent;
    account.settle(amount, slotMs);
    return { applied: true, balance: account.balance(), spentBefore };
  }

  /** Forgets ids that nobody repeats any more. */
  forget(limit: number): void {
    this.#connection.prepare(FORGET).run(this.#nowMs, limit);
  }
}
