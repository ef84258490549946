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
  TAKEN,
} from "./account-steps.ts";

/** Tape: 1, id, dispatched, expiresInMs, atMs or -1 for now, count, then account, limit, version, amount of each. */
export function reserveStep(schema: string): string {
  return `
    perform from ${schema}.reservations v where v.id = ids[t[p + 1]];
    if found then
      ${answer("2")}
    else
      short := 0;
      at_ms := case when t[p + 4] < 0 then now_ms else t[p + 4] end;
      list := '{}';
      marks := '{}';
      for k in 1..t[p + 5] loop
        b := p + 2 + 4 * k;
        i := acc_at[t[b]];
        ${bringLimit("t[b + 1]", "t[b + 2]")}
        ${advance("at_ms")}
        list[k] := a_no[i];
        marks[k] := a_newest[i];
      end loop;
      amounts := '{}';
      for k in 1..t[p + 5] loop
        b := p + 2 + 4 * k;
        i := acc_at[t[b]];
        amount := t[b + 3];
        amounts[k] := amount;
        asked := amount;
        for j in 1..k - 1 loop
          if list[j] = list[k] then asked := asked + amounts[j]; end if;
        end loop;
        if amount < 0 or ${TAKEN} + asked > a_limit[i] then
          short := k;
          exit;
        end if;
      end loop;
      if short > 0 then
        ${answer("1", "short - 1")}
      else
        ${answer("0")}
        for k in 1..t[p + 5] loop
          i := acc_at[t[p + 2 + 4 * k]];
          a_held[i] := a_held[i] + amounts[k];
          a_changed[i] := true;
        end loop;
        insert into ${schema}.reservations
          values (ids[t[p + 1]], list, amounts, marks, null, 0, t[p + 2] = 1, t[p + 3],
            now_ms + t[p + 3]);
      end if;
      for k in 1..t[p + 5] loop
        i := acc_at[t[p + 2 + 4 * k]];
        ${answerBalance}
      end loop;
    end if;
    p := p + 6 + 4 * t[p + 5];`;
}

/**
 * Tape: 9, items, accounts of each, then the items, each as above.
 *
 * Most batches fit whole: their sums are checked, and all are held in one statement. Where an item
 * would be refused, is known, or brings a limit or a rolling window, the items are taken in turn.
 */
export function reserveAllStep(schema: string): string {
  const items = "generate_series(b, b + size * (t[p + 1] - 1), size) g(item)";
  const each = "generate_series(g.item + 6, g.item + size - 1, 4) y(at)";
  return `
    b := p + 3;
    size := 6 + 4 * t[p + 2];
    first := t[b + 1];
    select array_agg(e.account), array_agg(e.total), bool_and(e.sound) into list, amounts, known
    from (
      select t[y.at] as account, sum(t[y.at + 3])::bigint as total, bool_and(t[y.at + 3] >= 0
        and t[y.at + 1] = a_limit[acc_at[t[y.at]]]
        and t[y.at + 2] = a_version[acc_at[t[y.at]]]) as sound
      from ${items}, ${each}
      group by t[y.at]
    ) e;
    for k in 1..cardinality(list) loop
      i := acc_at[list[k]];
      known := known and a_slots[i] = 0 and ${TAKEN} + amounts[k] <= a_limit[i];
    end loop;
    if known and not exists (select from ${schema}.reservations v
      where v.id = any(ids[first:first + t[p + 1] - 1]))
    then
      insert into ${schema}.reservations
        select ids[t[g.item + 1]], array_agg(a_no[acc_at[t[y.at]]] order by y.at),
          array_agg(t[y.at + 3] order by y.at), array_agg(a_newest[acc_at[t[y.at]]] order by y.at),
          null, 0, t[g.item + 2] = 1, t[g.item + 3], now_ms + t[g.item + 3]
        from ${items}, ${each}
        group by g.item;
      ${answer("1", "cardinality(list)")}
      for k in 1..cardinality(list) loop
        i := acc_at[list[k]];
        ${answer("list[k]")}
        ${answerBalance}
        a_held[i] := a_held[i] + amounts[k];
        a_changed[i] := true;
      end loop;
      p := b + size * t[p + 1];
    else
      ${answer("0")}
      p := b;
    end if;`;
}

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

/** Tape: 3, id, end (0 settled, 1 released, 2 unknown), atMs or -1, count, amounts (-1: no amount). */
export function settleStep(schema: string): string {
  return `
    select v.* into r from ${schema}.reservations v where v.id = ids[t[p + 1]];
    if not found or r.state = 2 or (r.state > 0 and t[p + 2] > 0) then
      ${answer("0")}
    else
      ${answer("1", "cardinality(r.accounts)")}
      marks := '{}';
      for k in 1..cardinality(r.accounts) loop
        ${locate(schema, "r.accounts[k]")}
        if i is null then
          marks[k] := 0;
          ${answer("0")}
          continue;
        end if;
        if t[p + 3] >= 0 then
          ${advance("t[p + 3]")}
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
        if t[p + 2] = 0 then
          amount := case when k <= t[p + 4] and t[p + 4 + k] >= 0 then t[p + 4 + k]
            else r.amounts[k] end;
          ${addSettled("amount", "r.slices[k]")}
        elsif t[p + 2] = 2 then
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
      update ${schema}.reservations v set
        state = case t[p + 2] when 2 then 1 else 2 end,
        corrections = case t[p + 2] when 2 then marks end
        where v.id = r.id and v.state = r.state;
      if not found then -- one without accounts, which no lock guards
        raise exception 'burnrate: ended elsewhere' using errcode = '40001';
      end if;
    end if;
    p := p + 5 + t[p + 4];`;
}

/**
 * Tape: 10, items, amounts of each, then the items, each as above and `settled` with sound amounts.
 *
 * Where all of them hold money on fixed windows, they end in one statement; otherwise in turn.
 */
export function settleAllStep(schema: string): string {
  return `
    b := p + 3;
    size := 5 + t[p + 2];
    first := t[b + 1];
    select array_agg(w.no order by one.g, w.h), array_agg(w.amount order by one.g, w.h),
      count(*) = t[p + 1] * t[p + 2] and bool_and(one.sound)
    into list, amounts, known
    from (
      select v.accounts, v.amounts, v.state = 0 and cardinality(v.accounts) = t[p + 2] as sound,
        array_position(ids, v.id, first) as g
      from ${schema}.reservations v where v.id = any(ids[first:first + t[p + 1] - 1])
    ) one, unnest(one.accounts, one.amounts) with ordinality w(no, amount, h);
    if known then
      select array_agg(e.no), array_agg(e.held), array_agg(e.used) into marks, held, settled
      from (
        select w.no, sum(w.amount)::bigint as held,
          sum(t[b + size * ((w.at - 1) / t[p + 2]) + 5 + (w.at - 1) % t[p + 2]])::bigint as used
        from unnest(list, amounts) with ordinality w(no, amount, at)
        group by w.no
      ) e;
      for k in 1..cardinality(marks) loop
        ${locate(schema, "marks[k]")}
        known := known and i is not null and a_slots[i] = 0 and a_settled[i] + settled[k] <= ${MOST};
      end loop;
    end if;
    if known then
      update ${schema}.reservations v set state = 2, corrections = null
        where v.id = any(ids[first:first + t[p + 1] - 1]);
      ${answer("1", "cardinality(marks)")}
      for k in 1..cardinality(marks) loop
        i := array_position(a_no, marks[k]);
        ${answer("marks[k]")}
        ${answerBalance}
        a_held[i] := a_held[i] - held[k];
        a_settled[i] := a_settled[i] + settled[k];
        a_changed[i] := true;
      end loop;
      o := o || list || amounts;
      q := cardinality(o) + 1;
      p := b + size * t[p + 1];
    else
      ${answer("0")}
      p := b;
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
    perform from ${schema}.charges v where v.id = ids[t[p + 1]];
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
      insert into ${schema}.charges values (ids[t[p + 1]], now_ms + t[p + 7]);
    end if;
    p := p + 8;`;
}
