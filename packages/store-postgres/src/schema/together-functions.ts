import { MOST } from "./account-steps.ts";

/** SQLSTATE with which what was taken together is undone. */
const NOT_TOGETHER = "BRN06";

/**
 * The two batches that are asked most, as short ways beside `run`: reservations, or settlements, of
 * the same accounts on fixed windows, which are there, and all of which fit. Each statement of
 * `run` is begun anew in each transaction, which is much of what such a batch costs.
 *
 * They hold the same locks in the same order as `run`, and answer null, with nothing done, where it
 * is to be asked: it knows the exceptions.
 */
export function togetherFunctions(schema: string): string {
  return `
${reserveTogether(schema)}
${settleTogether(schema)}
`;
}

const SETTINGS = `language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off`;

/**
 * Parameters: accounts, their limits and versions, what is held on each in all, ids, and what each
 * id holds: one line for all where `common` (stride, dispatched, lasts in ms) has a stride of 0.
 */
function reserveTogether(schema: string): string {
  return `
create or replace function ${schema}.reserve_together(
  text, limits text, versions text, sums text, ids text, amounts text, common text
) returns text ${SETTINGS}
as $together$
declare
  acc text[] := $1; asked bigint[] := sums; t bigint[] := amounts; c bigint[] := common;
  ${HELD_LOCKS}
begin
  ${lockAccounts(
    schema,
    "unnest(acc, limits::bigint[], versions::bigint[], asked) with ordinality u(id, most, version, asked, k)",
    `a.money_limit = u.most and a.limit_version = u.version
        and a.settled + a.held + a.leased + a.unknown + u.asked <= u.most`,
  )}
  begin
    if c[1] = 0 then
      insert into ${schema}.reservations
        select unnest(ids::text[]), list, t, '{}', null, 0, c[2] = 1, c[3], now_ms + c[3];
    else
      insert into ${schema}.reservations
        select u.id, list, ${line("c[1]")}, '{}', null, 0, c[2] = 1, c[3], now_ms + c[3]
        from unnest(ids::text[]) with ordinality u(id, k);
    end if;
  exception when unique_violation then
    return null;
  end;
  update ${schema}.accounts a set held = a.held + u.asked, touched_ms = now_ms
    from unnest(list, asked) u(no, asked) where a.no = u.no;
  ${ANSWER}
end $together$;`;
}

/**
 * Parameters: accounts, what is settled on each in all, what is no longer held, ids, and what each
 * id should hold: one line for all with a stride of 0.
 */
function settleTogether(schema: string): string {
  return `
create or replace function ${schema}.settle_together(
  text, sums text, releases text, ids text, amounts text, stride text
) returns text ${SETTINGS}
as $together$
declare
  acc text[] := $1; used bigint[] := sums; t bigint[] := amounts; c integer := stride;
  ended text[] := ids;
  ${HELD_LOCKS}
begin
  ${lockAccounts(
    schema,
    "unnest(acc, used) with ordinality u(id, used, k)",
    `a.settled + u.used <= ${MOST}`,
  )}
  begin
    if c = 0 then -- found by id, not by the index of states
      update ${schema}.reservations v set state = 2, corrections = null
        where v.id = any(ended) and v.state + 0 = 0 and v.accounts = list and v.amounts = t;
    else
      update ${schema}.reservations v set state = 2, corrections = null
        from unnest(ended) with ordinality u(id, k)
        where v.id = u.id and v.state + 0 = 0 and v.accounts = list and v.amounts = ${line("c")};
    end if;
    get diagnostics done = row_count;
    if done <> cardinality(ended) then
      raise exception 'burnrate: not together' using errcode = '${NOT_TOGETHER}';
    end if;
  exception when sqlstate '${NOT_TOGETHER}' then
    return null;
  end;
  update ${schema}.accounts a
    set held = a.held - u.released, settled = a.settled + u.used, touched_ms = now_ms
    from unnest(list, releases::bigint[], used) u(no, released, used) where a.no = u.no;
  ${ANSWER}
end $together$;`;
}

/** What the item at `u.k` has on each account. */
function line(stride: string): string {
  return `t[${stride} * (u.k - 1) + 1:${stride} * u.k]`;
}

const HELD_LOCKS = `list bigint[]; before bigint[]; fits boolean; is_due boolean; done bigint;
  now_ms bigint; epoch bigint;`;

/**
 * Locks the accounts in the order of their numbers, and only then looks at clock and log. What is
 * due is for \`run\` to end.
 */
function lockAccounts(schema: string, given: string, condition: string): string {
  return `
  select array_agg(s.no order by s.k),
    array_agg(s.settled order by s.k) || array_agg(s.held order by s.k)
      || array_agg(s.leased order by s.k) || array_agg(s.unknown order by s.k),
    bool_and(s.fits) and count(*) = cardinality(acc)
      and current_setting('transaction_isolation') = 'read committed'
  into list, before, fits
  from (
    select a.no, a.settled, a.held, a.leased, a.unknown, u.k, a.slots = 0 and ${condition} as fits
    from ${given} join ${schema}.accounts a on a.id = u.id
    order by a.no for update of a) s;
  if fits is not true then return null; end if;
  now_ms := ${schema}.now_ms();
  select m.value,
    exists (select from ${schema}.reservations v where v.state = 0 and v.expires_ms <= now_ms)
      or exists (select from ${schema}.leases v where not v.expired and v.expires_ms <= now_ms)
  into epoch, is_due
  from ${schema}.burnrate_meta m where m.name = 'kill_epoch';
  if is_due is not false then return null; end if;`;
}

/** Epoch, instant, then settled, held, leased and unknown of all accounts as they were before. */
const ANSWER = "return epoch || ',' || now_ms || ',' || array_to_string(before, ',');";
