import {
  addSettled,
  addUnknown,
  advance,
  answer,
  answerBalance,
  answerNothing,
  bringLimit,
  locate,
  MOST,
} from "./account-steps.ts";

/** Tape: 2, id. */
export function dispatchStep(schema: string): string {
  return `
    select v.* into r from ${schema}.reservations v where v.id = ids[t[p + 1]];
    known := found and (r.state = 0 or (r.state = 1 and r.expires_ms > now_ms));
    if known and r.state = 0 then
      update ${schema}.reservations v set dispatched = true,
        expires_ms = greatest(v.expires_ms, now_ms + v.lasts_ms) where v.id = r.id;
    end if;
    ${answer("known::integer")}
    p := p + 2;`;
}

/**
 * Tape: 3, items, amounts of each, first id, end (0 settled, 1 released, 2 unknown, 3 one attempt
 * released), atMs or -1, together (0: take them in turn), stride, then the amounts (-1: no amount).
 * With a stride of 0 one item stands for all.
 *
 * Where all of them hold money on fixed windows, one statement ends them; otherwise they end in
 * turn.
 */
export function settleStep(schema: string): string {
  return `
    size := t[p + 2];
    first := p + 8;
    known := t[p + 6] = 1;
    if known then
      held := a_held;
      settled := a_settled;
      list := '{}';
      still := 0;
      begin
        for r in
          with ended as (
            update ${schema}.reservations v set state = 2, corrections = null
            from unnest(ids[t[p + 3]:t[p + 3] + t[p + 1] - 1]) with ordinality u(id, place)
            where v.id = u.id and v.state + 0 = 0 -- found by id, not by the index of states
            returning u.place, v.accounts, v.amounts
          )
          select e.accounts, e.amounts, count(*) as items, array_agg(e.place - 1) as places
          from ended e group by e.accounts, e.amounts
        loop
          still := still + r.items;
          list := list || r.items || r.places || r.accounts || r.amounts;
          ${endTogether(schema)}
        end loop;
        if still < t[p + 1] then
          ${takeInTurn}
        end if;
      exception when sqlstate '${IN_TURN}' then
        known := false;
        a_held := held;
        a_settled := settled;
      end;
    end if;
    ${answer("known::integer")}
    if known then
      ${answer("cardinality(a_no)")}
      for i in 1..cardinality(a_no) loop
        ${answer("a_no[i]", "settled[i]", "held[i]", "a_leased[i]", "a_unknown[i]")}
      end loop;
      o := o || list;
      q := cardinality(o) + 1;
    else
      for item in 0..t[p + 1] - 1 loop
        first := p + 7 + t[p + 7] * item;
        ${settleOne(schema)}
      end loop;
    end if;
    p := p + 8 + greatest(size, t[p + 7] * t[p + 1]);`;
}

/** SQLSTATE with which items that were taken together are given back, to be taken in turn. */
const IN_TURN = "BRN05";
const takeInTurn = `raise exception 'burnrate: not alike' using errcode = '${IN_TURN}';`;

/** Ends all reservations of a group that hold the same on the same accounts: `r`. */
function endTogether(schema: string): string {
  return `
    if cardinality(r.accounts) <> size then
      ${takeInTurn}
    end if;
    for k in 1..size loop
      ${locate(schema, "r.accounts[k]")}
      used := case when t[p + 7] = 0 then t[first + k - 1] * r.items else
        (select sum(t[first + t[p + 7] * u.place + k - 1]) from unnest(r.places) u(place)) end;
      if i is null or a_slots[i] > 0 or a_settled[i] + used > ${MOST} then
        ${takeInTurn}
      end if;
      a_held[i] := a_held[i] - r.amounts[k] * r.items;
      a_settled[i] := a_settled[i] + used;
      a_changed[i] := true;
    end loop;`;
}

/** The item of a group whose amounts stand after `first`. */
function settleOne(schema: string): string {
  return `
    select v.* into r from ${schema}.reservations v where v.id = ids[t[p + 3] + item];
    if not found or r.state = 2 or (r.state = 1 and t[p + 4] > 0)
      or (r.state = 3 and t[p + 4] in (1, 3))
    then
      ${answer("0")}
      continue;
    end if;
    if t[p + 4] = 3 then
      ${leave(schema)}
    end if;
    ${answer("1", "cardinality(r.accounts)")}
    marks := '{}';
    for k in 1..cardinality(r.accounts) loop
      ${locate(schema, "r.accounts[k]")}
      if i is null then
        marks[k] := 0;
        ${answer("0")}
        continue;
      end if;
      if t[p + 5] >= 0 then
        ${advance("t[p + 5]")}
      end if;
      ${answer("a_settled[i] + a_unknown[i]")}
      marks[k] := a_corrections[i];
      if r.state = 1 and r.corrections[k] <> a_corrections[i] then
        continue; -- the provider's figures count it already
      end if;
      if r.state = 1 then
        ${addUnknown("(-r.amounts[k])", "r.slices[k]")}
      elsif r.state = 0 then
        a_held[i] := a_held[i] - r.amounts[k];
        a_changed[i] := true;
      end if;
      if t[p + 4] = 0 then
        amount := case when k <= size and t[first + k] >= 0 then t[first + k]
          else r.amounts[k] end;
        ${addSettled("amount", "r.slices[k]")}
      elsif t[p + 4] = 2 then
        ${addUnknown("r.amounts[k]", "r.slices[k]")}
      end if;
    end loop;
    for k in 1..cardinality(r.accounts) loop
      i := array_position(a_no, r.accounts[k]);
      if i is null then
        ${answerNothing}
      else
        ${answerBalance}
      end if;
    end loop;
    continue when t[p + 4] = 3;
    update ${schema}.reservations v set
      state = case t[p + 4] when 2 then 1 else 2 end,
      corrections = case t[p + 4] when 2 then marks end
      where v.id = r.id and v.state = r.state;
    if not found then -- one without accounts, which no lock guards
      raise exception 'burnrate: ended elsewhere' using errcode = '40001';
    end if;`;
}

/**
 * One attempt of a call gives back its share of the reservation in `r`: the last one all of it, and
 * the id is free. Nobody may have come or gone since it was read.
 */
function leave(schema: string): string {
  return `
      if r.attempts > 1 then
        update ${schema}.reservations v set attempts = v.attempts - 1
          where v.id = r.id and v.state + 0 = 0 and v.attempts = r.attempts;
      else
        delete from ${schema}.reservations v
          where v.id = r.id and v.state + 0 = 0 and v.attempts = 1;
      end if;
      if not found then
        raise exception 'burnrate: ended elsewhere' using errcode = '40001';
      end if;
      if r.attempts > 1 then
        ${answer("0")}
        continue;
      end if;`;
}

/** Ends a reservation that nobody ended in time: it is in `r`, and its accounts are locked. */
export function expireReservation(schema: string): string {
  return `
    marks := '{}';
    for k in 1..cardinality(r.accounts) loop
      ${locate(schema, "r.accounts[k]")}
      marks[k] := 0;
      continue when i is null;
      marks[k] := a_corrections[i];
      a_held[i] := a_held[i] - r.amounts[k];
      a_changed[i] := true;
      if r.dispatched then
        ${addUnknown("r.amounts[k]", "r.slices[k]")}
      end if;
    end loop;
    update ${schema}.reservations v set
      state = case when r.dispatched then 1 else 3 end,
      corrections = marks
      where v.id = r.id;`;
}

/** Tape: 8, id, account, limit, version, amount (-1: no amount), atMs or -1 for now, rememberMs. */
export function chargeStep(schema: string): string {
  return `
    perform from ${schema}.charges v where v.id = fresh[t[p + 1]];
    if found or t[p + 5] < 0 then
      ${answer("0")}
    else
      i := acc_at[t[p + 2]];
      ${bringLimit("t[p + 3]", "t[p + 4]")}
      at_ms := case when t[p + 6] < 0 then now_ms else t[p + 6] end;
      ${advance("at_ms")}
      ${answer("1", "a_settled[i] + a_unknown[i]")}
      ${addSettled("t[p + 5]", "a_newest[i]")}
      ${answerBalance}
      insert into ${schema}.charges values (fresh[t[p + 1]], now_ms + t[p + 7]);
    end if;
    p := p + 8;`;
}
