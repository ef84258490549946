import type { KillLog } from "@burnrate/core";
import { toStorableKill } from "@burnrate/core/adapter";
import type { Database } from "./database.ts";
import type { KillFollower } from "./kill-follower.ts";
import { readKills } from "./kill-lines.ts";
import { keyOf } from "./text.ts";

/** Lines in a table, numbered by the server without gaps, and told by NOTIFY. */
export function createKillLog(database: Database, follower: KillFollower): KillLog {
  return {
    durable: true,
    append: async (given) => {
      const entry = toStorableKill(given);
      const expiresAtMs = entry.kind === "kill" ? wholeOrNull(entry.expiresAtMs) : null;
      const [row] = await database.query(
        `select ${database.schema}.append_kill($1::text, $2::text, $3::text::bigint, $4::text) as epoch`,
        [entry.kind, keyOf(entry.id), expiresAtMs, JSON.stringify(entry)],
      );
      const epoch = Number(row?.["epoch"]);
      follower.notice(epoch);
      return Object.freeze({ ...entry, epoch });
    },
    read: (epoch) => readKills(database, wholeOrNull(epoch) ?? 0),
    subscribe: follower.subscribe,
  };
}

function wholeOrNull(value: number | undefined): number | null {
  const whole = Math.floor(value ?? Number.NaN);
  return Number.isSafeInteger(whole) ? whole : null;
}
