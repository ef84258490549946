/** The functions beside the ledger's: clock, kill log and upkeep. */
export function otherFunctions(schema: string, channel: string): string {
  return `
create or replace function ${schema}.now_ms() returns bigint language sql volatile
as $now$ select floor(extract(epoch from clock_timestamp()) * 1000)::bigint $now$;

${appendKill(schema, channel)}
${compactKills(schema)}
${maintain(schema)}
`;
}

/** Numbers a line under the lock of one row: no two lines share a number, and none is left out. */
function appendKill(schema: string, channel: string): string {
  return `
create or replace function ${schema}.append_kill(
  kind text, subject text, expires_ms bigint, entry text
) returns text language plpgsql
set search_path = pg_catalog, pg_temp
as $append$
declare epoch bigint;
begin
  update ${schema}.burnrate_meta m set value = m.value + 1 where m.name = 'kill_epoch'
    returning m.value into epoch;
  insert into ${schema}.kill_log values (epoch, kind, subject, expires_ms, entry);
  perform pg_notify('${channel}', epoch::text);
  if epoch % 1000 = 0 then
    perform ${schema}.compact_kills(epoch - 1000);
  end if;
  return epoch::text;
end $append$;`;
}

/**
 * Drops old lines that say nothing any more: revived or expired kills, revives, and limits that a
 * newer one replaces. A kill in force stays, however old.
 */
function compactKills(schema: string): string {
  return `
create or replace function ${schema}.compact_kills(before bigint) returns void language sql
set search_path = pg_catalog, pg_temp
as $compact$
  delete from ${schema}.kill_log k where k.epoch <= before and case k.kind
    when 'limit' then exists (select from ${schema}.kill_log n
      where n.kind = 'limit' and n.subject = k.subject and n.epoch > k.epoch)
    when 'kill' then k.expires_ms <= ${schema}.now_ms() - 86400000 or exists (
      select from ${schema}.kill_log n
      where n.kind = 'revive' and n.subject = k.subject and n.epoch > k.epoch and n.epoch <= before)
    else true end -- its kills go with it
$compact$;`;
}

/**
 * Forgets what nobody will ask for, at most so many rows of each kind, and once in ten seconds in a
 * fleet, or as soon as somebody asks again while there is more. Rows that somebody works on are
 * left for the next time, so that upkeep never waits.
 */
function maintain(schema: string): string {
  const forget = (table: string, key: string, where: string): string => `
  delete from ${schema}.${table} d where d.${key} in (
    select v.${key} from ${schema}.${table} v where ${where} limit most for update skip locked);
  get diagnostics forgotten = row_count;
  is_more := is_more or forgotten >= most;`;
  const days = (count: number): string => String(count * 86_400_000);
  return `
create or replace function ${schema}.maintain(most bigint) returns void language plpgsql
set search_path = pg_catalog, pg_temp
as $maintain$
declare now_ms bigint := ${schema}.now_ms(); forgotten bigint; is_more boolean := false;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('burnrate upkeep ' || $lock$${schema}$lock$, 0))
    or exists (select from ${schema}.burnrate_meta m
      where m.name = 'maintained_ms' and m.value between now_ms - 10000 and now_ms)
  then return; end if;
  update ${schema}.burnrate_meta m set value = now_ms where m.name = 'maintained_ms';
  ${forget("reservations", "id", "v.state = 2 and v.expires_ms <= now_ms")}
  ${forget("reservations", "id", `v.state in (1, 3) and v.expires_ms <= now_ms - ${days(7)}`)}
  ${forget("charges", "id", "v.expires_ms <= now_ms")}
  ${forget("leases", "id", `v.expired and v.expires_ms <= now_ms - ${days(7)}`)}
  ${forget(
    "accounts",
    "no",
    `v.ends_ms <= now_ms - ${days(7)} and v.held = 0 and v.leased = 0
      and (v.unknown = 0 or v.ends_ms <= now_ms - ${days(60)})`,
  )}
  ${forget(
    "accounts",
    "no",
    `(v.ephemeral or v.slots > 0) and v.created_ms <= now_ms - ${days(30)}
      and v.touched_ms <= now_ms - ${days(30)} - v.slots * v.slice_ms
      and v.held = 0 and v.leased = 0 and (v.unknown = 0 or not v.ephemeral)`,
  )}
  ${forget("acknowledgements", "ctid", "v.at_ms <= now_ms - 600000")}
  ${forget("processes", "id", "v.expires_ms <= now_ms - 60000")}
  ${forget("outbox", "no", `v.done_ms <= now_ms - ${days(2)}`)}
  if is_more then
    update ${schema}.burnrate_meta m set value = 0 where m.name = 'maintained_ms';
  end if;
end $maintain$;`;
}
