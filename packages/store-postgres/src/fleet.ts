import type { Fleet } from "@burnrate/core";
import type { Database } from "./database.ts";
import { escapeText, keyOf, unescapeText, wholeText } from "./text.ts";

/** The processes that live, by the server's clock, and their word on kills. */
export function createFleet({ schema, query }: Database): Fleet {
  return {
    beat: async (process, ttlMs) => {
      await query(
        `insert into ${schema}.processes as p
         values ($1::text, $2::text, ${schema}.now_ms() + $3::text::bigint)
         on conflict (id) do update set expires_ms = excluded.expires_ms`,
        [keyOf(process), escapeText(process), wholeText(ttlMs)],
      );
    },
    leave: async (process) => {
      await query(`delete from ${schema}.processes p where p.id = $1::text`, [keyOf(process)]);
    },
    living: async () => {
      const rows = await query(
        `select p.name from ${schema}.processes p
         where p.expires_ms > ${schema}.now_ms() order by p.id`,
      );
      return rows.map((row) => unescapeText(row["name"] ?? ""));
    },
    acknowledge: async ({ killId, process, aborted }) => {
      await query(
        `insert into ${schema}.acknowledgements
         values ($1::text, $2::text, $3::text, $4::text::bigint, ${schema}.now_ms())
         on conflict do nothing`,
        [keyOf(killId), keyOf(process), escapeText(process), wholeText(aborted)],
      );
    },
    acknowledgements: async (killId) => {
      const rows = await query(
        `select a.process, a.aborted::text as aborted from ${schema}.acknowledgements a
         where a.kill_id = $1::text order by a.at_ms, a.process_id`,
        [keyOf(killId)],
      );
      return rows.map((row) => ({
        killId,
        process: unescapeText(row["process"] ?? ""),
        aborted: Number(row["aborted"]),
      }));
    },
  };
}
