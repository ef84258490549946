import type { Outbox } from "@burnrate/core";
import type { Database } from "./database.ts";
import { escapeText, keyOf, textArray, unescapeText, wholeText } from "./text.ts";

/** Messages in a table; whoever claims one locks its row for a moment and moves its time. */
export function createOutbox({ schema, query }: Database): Outbox {
  return {
    add: async (messages) => {
      if (messages.length === 0) return;
      await query(
        `insert into ${schema}.outbox (id, name, topic, body, due_ms)
         select m.id, m.name, m.topic, m.body, m.due_ms
         from unnest($1::text::text[], $2::text::text[], $3::text::text[], $4::text::text[],
           $5::text::bigint[]) with ordinality m(id, name, topic, body, due_ms, place)
         order by m.id collate "C", m.place on conflict do nothing`,
        [
          textArray(messages.map(({ id }) => keyOf(id))),
          textArray(messages.map(({ id }) => escapeText(id))),
          textArray(messages.map(({ topic }) => keyOf(topic))),
          textArray(messages.map(({ body }) => escapeText(body))),
          textArray(messages.map(({ dueAtMs }) => wholeText(dueAtMs))),
        ],
      );
    },
    claim: async (topic, limit, leaseMs) => {
      const rows = await query(
        `with claimed as (
           update ${schema}.outbox o set
             attempts = o.attempts + 1,
             claimed_until_ms = ${schema}.now_ms() + $3::text::bigint
           where o.no in (
             select v.no from ${schema}.outbox v, (select ${schema}.now_ms() as ms offset 0) n
             where v.topic = $1::text and v.done_ms is null
               and v.due_ms <= n.ms and v.claimed_until_ms <= n.ms
             order by v.due_ms, v.no limit $2::text::bigint for update of v skip locked)
           returning o.no, o.name, o.body, o.due_ms, o.attempts)
         select c.name, c.body, c.due_ms::text as due, c.attempts::text as attempts
         from claimed c order by c.due_ms, c.no`,
        [keyOf(topic), wholeText(limit), wholeText(leaseMs)],
      );
      return rows.map((row) => ({
        id: unescapeText(row["name"] ?? ""),
        topic,
        body: unescapeText(row["body"] ?? ""),
        dueAtMs: Number(row["due"]),
        attempts: Number(row["attempts"]),
      }));
    },
    done: async (ids) => {
      if (ids.length === 0) return;
      await query(
        `update ${schema}.outbox o set done_ms = ${schema}.now_ms(), body = ''
         where o.no in (select v.no from ${schema}.outbox v
           where v.id = any($1::text::text[]) and v.done_ms is null order by v.no for update)`,
        [textArray(ids.map(keyOf))],
      );
    },
    retry: async (id, dueAtMs) => {
      await query(
        `update ${schema}.outbox o set due_ms = $2::text::bigint, claimed_until_ms = 0
         where o.id = $1::text and o.done_ms is null`,
        [keyOf(id), wholeText(dueAtMs)],
      );
    },
    waiting: async (topic) => {
      const [row] = await query(
        `select count(*)::text as waiting from ${schema}.outbox o
         where o.topic = $1::text and o.done_ms is null`,
        [keyOf(topic)],
      );
      return Number(row?.["waiting"]);
    },
  };
}
