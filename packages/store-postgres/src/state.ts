import type { StateStore } from "@burnrate/core";
import type { Database } from "./database.ts";
import { escapeText, keyOf, unescapeText } from "./text.ts";

const DEFAULT_LIMIT = 1_000;

/** PostgreSQL orders such characters otherwise than JavaScript does; our escapes begin with one. */
const OTHER_ORDER = /[\uE000-\u{10FFFF}]/u;

/** Texts by key. A write names the revision that it saw, so that of two writers one is told. */
export function createState({ schema, query }: Database): StateStore {
  /** As they are stored, the first in the order of PostgreSQL. */
  async function readKeys(prefix: string, limit: number): Promise<string[]> {
    // The index covers the first 400 characters; the rest of a longer prefix is compared.
    const rows = await query(
      `select s.key from ${schema}.state s
       where substr(s.key, 1, 400) >= substr($1::text, 1, 400)
         and substr(s.key, 1, 400) < substr($1::text, 1, 400) || U&'\\+10FFFF'
         and starts_with(s.key, $1::text)
       order by substr(s.key, 1, 400), s.key limit $2::text::bigint`,
      [escapeText(prefix), limit],
    );
    return rows.map((row) => row["key"] ?? "");
  }

  return {
    read: async (key) => {
      const [row] = await query(
        `select s.value, s.revision::text as revision from ${schema}.state s where s.id = $1::text`,
        [keyOf(key)],
      );
      if (row === undefined) return undefined;
      return { value: unescapeText(row["value"] ?? ""), revision: Number(row["revision"]) };
    },
    write: async (key, value, seen) => {
      if (!isRevision(seen)) return undefined;
      const given = [keyOf(key), escapeText(value)];
      const [row] =
        seen === 0
          ? await query(
              `insert into ${schema}.state values ($1::text, $3::text, $2::text, 1)
               on conflict do nothing returning revision::text as revision`,
              [...given, escapeText(key)],
            )
          : await query(
              `update ${schema}.state s set value = $2::text, revision = s.revision + 1
               where s.id = $1::text and s.revision = $3::text::bigint
               returning s.revision::text as revision`,
              [...given, seen],
            );
      return row === undefined ? undefined : Number(row["revision"]);
    },
    remove: async (key, seen) => {
      if (!isRevision(seen)) return false;
      const rows = await query(
        `delete from ${schema}.state s where s.id = $1::text and s.revision = $2::text::bigint
         returning s.id`,
        [keyOf(key), seen],
      );
      return rows.length > 0;
    },
    keys: async (prefix, limit = DEFAULT_LIMIT) => {
      const most = Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, Math.floor(limit)));
      const first = await readKeys(prefix, most);
      const isEnough = first.length < most || !first.some((key) => OTHER_ORDER.test(key));
      const keys = isEnough ? first : await readKeys(prefix, Number.MAX_SAFE_INTEGER);
      return keys.map(unescapeText).sort().slice(0, most);
    },
  };
}

function isRevision(seen: number): boolean {
  return Number.isSafeInteger(seen) && seen >= 0;
}
