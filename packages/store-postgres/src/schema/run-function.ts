import { addSettled, advance, answerBalance, answerNothing } from "./account-steps.ts";
import { expireLease, leaseStep, returnStep } from "./lease-steps.ts";
import { chargeStep, dispatchStep, expireReservation, settleStep } from "./reservation-steps.ts";
import { reserveStep } from "./reserve-step.ts";

/**
 * The function that carries out a batch of ledger operations in one statement, hence in one
 * transaction. It opens missing accounts, locks all accounts that the batch touches in the order of
 * their numbers (so that two batches never wait for each other in a circle), and only then reads
 * clock and reservations: whoever changes a reservation or a lease holds the locks of its accounts.
 *
 * Operations come as a tape of numbers that point into the lists of accounts and ids (of
 * reservations that should be there, of what is new, and of leases), and the reply is a list of
 * numbers in the same order: far cheaper to read here than JSON. The lists are array literals,
 * which cost less as texts that are read here than as parameters that the statement casts.
 */
export function runFunction(schema: string): string {
  return `
create or replace function ${schema}.run(text, text, text, text, text, text, text)
returns text language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $run$
declare
  acc text[] := $1; meta bigint[] := $2; ids text[] := $3; fresh text[] := $4;
  lease_ids text[] := $5; shares double precision[] := $6; t bigint[] := $7;
  now_ms bigint := ${schema}.now_ms();
  acc_no bigint[]; acc_at integer[]; touched bigint[];
  due_reservations text[] := '{}'; due_leases text[] := '{}';
  a_no bigint[]; a_slice_ms bigint[]; a_slots integer[]; a_ends_ms bigint[];
  a_limit bigint[]; a_version bigint[]; a_corrections bigint[]; a_newest bigint[];
  a_settled bigint[]; a_held bigint[]; a_leased bigint[]; a_unknown bigint[];
  a_changed boolean[]; a_offset integer[];
  ring_s bigint[] := '{}'; ring_u bigint[] := '{}';
  r record; l record; known boolean; due_id text; epoch bigint;
  i integer; x integer; slot integer; b integer; p integer := 1; q integer := 3;
  short integer; rolling integer := 0; slice bigint; change bigint;
  size integer; first integer; held bigint[]; settled bigint[];
  list bigint[]; marks bigint[]; amounts bigint[]; o bigint[] := '{0,0}';
  at_ms bigint; amount bigint; asked bigint; room bigint; expires bigint;
  used bigint; open_end bigint; keep bigint; still bigint;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'burnrate: needs read committed' using errcode = '0A000';
  end if;
  ${openAccounts(schema)}
  ${chooseLocks(schema)}
  ${lockAccounts(schema)}
  now_ms := ${schema}.now_ms();
  foreach due_id in array due_reservations loop
    select v.* into r from ${schema}.reservations v
      where v.id = due_id and v.state = 0 and v.expires_ms <= now_ms;
    continue when not found;
    ${expireReservation(schema)}
  end loop;
  foreach due_id in array due_leases loop
    select v.* into l from ${schema}.leases v
      where v.id = due_id and not v.expired and v.expires_ms <= now_ms;
    continue when not found;
    i := array_position(a_no, l.account);
    if i is null then -- its account was purged
      update ${schema}.leases v set expired = true where v.id = due_id;
      continue;
    end if;
    ${expireLease(schema)}
  end loop;
  while p <= cardinality(t) loop
    case t[p]
    when 1 then ${reserveStep(schema)}
    when 2 then ${dispatchStep(schema)}
    when 3 then ${settleStep(schema)}
    when 4 then ${balanceStep}
    when 5 then ${leaseStep(schema)}
    when 6 then ${returnStep(schema)}
    when 7 then ${correctStep}
    when 8 then ${chargeStep(schema)}
    end case;
  end loop;
  ${writeAccounts(schema)}
  select m.value into epoch from ${schema}.burnrate_meta m where m.name = 'kill_epoch';
  o[1] := epoch;
  o[2] := now_ms;
  return array_to_string(o, ',');
end $run$;
`;
}

/**
 * Six figures of each account: ends, slice, slots, flags (1 ephemeral, 2 opens it), limit, version.
 */
function openAccounts(schema: string): string {
  const find = `acc_no := array(
    select (select a.no from ${schema}.accounts a where a.id = u.id)
    from unnest(acc) with ordinality u(id, k) order by u.k);`;
  return `
  ${find}
  for k in 1..cardinality(acc) loop
    if acc_no[k] is null and meta[6 * k - 2] & 2 = 2 then
      insert into ${schema}.accounts
        (id, ephemeral, ends_ms, slice_ms, slots, money_limit, limit_version,
          ring_settled, ring_unknown, created_ms, touched_ms)
        select u.id, meta[m + 4] & 1 = 1, meta[m + 1], meta[m + 2], meta[m + 3], meta[m + 5],
          meta[m + 6], case when meta[m + 3] > 0 then array_fill(0::bigint, array[meta[m + 3]::integer]) end,
          case when meta[m + 3] > 0 then array_fill(0::bigint, array[meta[m + 3]::integer]) end,
          now_ms, now_ms
        from unnest(acc) with ordinality u(id, k), lateral (select (6 * u.k - 6)::integer as m) n
        where acc_no[u.k] is null and meta[m + 4] & 2 = 2
        order by u.id collate "C"
        on conflict do nothing;
      ${find}
      exit;
    end if;
  end loop;`;
}

/**
 * What the batch touches, and what is due: first on what is touched, then elsewhere, by one
 * sweeper.
 */
function chooseLocks(schema: string): string {
  return `
  touched := array(
    select u.no from unnest(acc_no) u(no) where u.no is not null
    union select unnest(d.accounts) from (
      select distinct v.accounts from ${schema}.reservations v where v.id = any(ids)) d
    union select v.account from ${schema}.leases v where v.id = any(lease_ids));
  if exists (select from ${schema}.reservations v where v.state = 0 and v.expires_ms <= now_ms)
    or exists (select from ${schema}.leases v where not v.expired and v.expires_ms <= now_ms)
  then
    known := pg_try_advisory_xact_lock(hashtextextended('burnrate sweep ' || $lock$${schema}$lock$, 0));
    due_reservations := array(
      select d.id from (
        select v.id, v.accounts, v.expires_ms from ${schema}.reservations v
        where v.state = 0 and v.expires_ms <= now_ms order by v.expires_ms limit 2000
      ) d where known or d.accounts && touched
      order by d.accounts && touched desc, d.expires_ms limit 64);
    due_leases := array(
      select d.id from (
        select v.id, v.account, v.expires_ms from ${schema}.leases v
        where not v.expired and v.expires_ms <= now_ms order by v.expires_ms limit 2000
      ) d where known or d.account = any(touched)
      order by d.account = any(touched) desc, d.expires_ms limit 64);
    touched := array(
      select unnest(touched)
      union select unnest(v.accounts) from ${schema}.reservations v where v.id = any(due_reservations)
      union select v.account from ${schema}.leases v where v.id = any(due_leases));
  end if;`;
}

function lockAccounts(schema: string): string {
  return `
  select array_agg(s.no), array_agg(s.slice_ms), array_agg(s.slots), array_agg(s.ends_ms),
    array_agg(s.money_limit), array_agg(s.limit_version), array_agg(s.corrections),
    array_agg(s.newest_slice), array_agg(s.settled), array_agg(s.held), array_agg(s.leased),
    array_agg(s.unknown), array_agg(false), array_agg(0)
  into a_no, a_slice_ms, a_slots, a_ends_ms, a_limit, a_version, a_corrections, a_newest,
    a_settled, a_held, a_leased, a_unknown, a_changed, a_offset
  from (select a.* from ${schema}.accounts a where a.no = any(touched) order by a.no for update) s;
  for i in 1..coalesce(cardinality(a_no), 0) loop
    a_offset[i] := rolling;
    rolling := rolling + a_slots[i];
  end loop;
  if rolling > 0 then
    select array_agg(u.s order by n.k, u.place), array_agg(u.u order by n.k, u.place)
    into ring_s, ring_u
    from unnest(a_no) with ordinality n(no, k)
    join ${schema}.accounts a on a.no = n.no and a.slots > 0,
    lateral unnest(a.ring_settled, a.ring_unknown) with ordinality u(s, u, place);
  end if;
  for k in 1..cardinality(acc) loop
    acc_at[k] := array_position(a_no, acc_no[k]);
    if acc_at[k] is null and meta[6 * k - 2] & 2 = 2 then
      raise exception 'burnrate: an account was purged' using errcode = '40001';
    end if;
  end loop;`;
}

/** Tape: 4, account, atMs or -1. Looks only: a window that moved on for it is not written. */
const balanceStep = `
    i := acc_at[t[p + 1]];
    if i is null then
      ${answerNothing}
    else
      if t[p + 2] >= 0 then
        ${advance("t[p + 2]")}
      end if;
      ${answerBalance}
    end if;
    p := p + 3;`;

/** Tape: 7, account, settled (-1: no amount). A rolling window has no one figure to replace. */
const correctStep = `
    i := acc_at[t[p + 1]];
    ${answerBalance}
    if a_slots[i] = 0 and t[p + 2] >= 0 then
      a_settled[i] := 0;
      a_unknown[i] := 0;
      a_corrections[i] := a_corrections[i] + 1;
      ${addSettled("t[p + 2]", "0")}
    end if;
    ${answerBalance}
    p := p + 3;`;

function writeAccounts(schema: string): string {
  return `
  if true = any(a_changed) then
    update ${schema}.accounts a set
      money_limit = a_limit[w.k], limit_version = a_version[w.k], settled = a_settled[w.k],
      held = a_held[w.k], leased = a_leased[w.k], unknown = a_unknown[w.k],
      corrections = a_corrections[w.k], newest_slice = a_newest[w.k], touched_ms = now_ms,
      ring_settled = case when a.slots > 0 then ring_s[a_offset[w.k] + 1:a_offset[w.k] + a.slots] end,
      ring_unknown = case when a.slots > 0 then ring_u[a_offset[w.k] + 1:a_offset[w.k] + a.slots] end
    from generate_series(1, cardinality(a_no)) w(k)
    where a.no = a_no[w.k] and a_changed[w.k];
  end if;`;
}
