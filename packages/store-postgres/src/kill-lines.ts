import type { KillEntry } from "@burnrate/core";
import type { Listening } from "./client/postgres-client.ts";
import type { Database } from "./database.ts";
import { within } from "./within.ts";

/** A line as it stands in the table. */
export interface KillLine {
  readonly epoch: number;
  readonly entry: string;
}

/** Lines, and the number of the newest one at the same instant. */
export interface KillPage {
  readonly head: number;
  readonly lines: readonly KillLine[];
}

/** Lines numbered above `epoch`, in order. */
export async function readKills(database: Database, epoch: number): Promise<readonly KillEntry[]> {
  return (await readPage(database, epoch)).lines.map(toEntry);
}

/** The same as a page; asked on the listening connection where there is one. */
export async function readPage(
  { schema, query }: Database,
  epoch: number,
  listening?: Listening,
): Promise<KillPage> {
  const text = `select m.value::text as head, k.epoch::text as epoch, k.entry
    from ${schema}.burnrate_meta m left join ${schema}.kill_log k on k.epoch > $1::text::bigint
    where m.name = 'kill_epoch' order by k.epoch`;
  const rows = await within((listening?.query ?? query)(text, [String(epoch)]));
  const lines = rows.flatMap(({ epoch: number, entry }): readonly KillLine[] =>
    number == null || entry == null ? [] : [{ epoch: Number(number), entry }],
  );
  return { head: Number(rows[0]?.["head"] ?? 0), lines };
}

/** The line as listeners get it. */
export function toEntry({ epoch, entry }: KillLine): KillEntry {
  return { ...JSON.parse(entry), epoch };
}
