import { advance, answer, answerBalance, bringLimit, TAKEN } from "./account-steps.ts";

/**
 * Tape: 1, items, accounts of each, first new id, flags (1 dispatched, 2 once), expiresInMs,
 * together (0: take them in turn), stride, then account, limit, version and sum of amounts of each,
 * then the items: atMs or -1 for now, and the amounts. With a stride of 0 one item stands for all.
 *
 * Most items fit together: their sums are checked, and one statement holds all. Where one would be
 * refused, is known, or brings a limit or a rolling window, they are taken in turn.
 */
export function reserveStep(schema: string): string {
  return `
    size := t[p + 2];
    first := p + 8 + 4 * size;
    known := t[p + 6] = 1;
    list := '{}';
    for k in 1..size loop
      exit when not known;
      b := p + 4 + 4 * k;
      i := acc_at[t[b]];
      list[k] := a_no[i];
      known := a_slots[i] = 0 and t[b + 1] = a_limit[i] and t[b + 2] = a_version[i]
        and ${TAKEN} + t[b + 3] <= a_limit[i];
    end loop;
    if known then
      begin
        insert into ${schema}.reservations
          select fresh[t[p + 3] + g.item], list,
            t[first + t[p + 7] * g.item + 1:first + t[p + 7] * g.item + size], '{}',
            null, 0, t[p + 4] & 1 = 1, t[p + 5], now_ms + t[p + 5]
          from generate_series(0, t[p + 1] - 1) g(item);
      exception when unique_violation then
        known := false;
      end;
    end if;
    ${answer("known::integer")}
    if known then
      for k in 1..size loop
        i := acc_at[t[p + 4 + 4 * k]];
        ${answerBalance}
        a_held[i] := a_held[i] + t[p + 7 + 4 * k];
        a_changed[i] := true;
      end loop;
    else
      for item in 0..t[p + 1] - 1 loop
        x := first + t[p + 7] * item;
        ${reserveOne(schema)}
      end loop;
    end if;
    p := first + greatest(1 + size, t[p + 7] * t[p + 1]);`;
}

/** The item of a group that stands at `x`. */
function reserveOne(schema: string): string {
  return `
    known := false;
    if t[p + 4] >= 2 then -- another attempt of one call holds nothing of its own
      update ${schema}.reservations v set attempts = v.attempts + 1
        where v.id = fresh[t[p + 3] + item] and v.state + 0 = 0;
      known := found;
    end if;
    if not known then
      perform from ${schema}.reservations v where v.id = fresh[t[p + 3] + item];
      known := found;
    end if;
    if known then
      ${answer("2")}
      continue;
    end if;
    at_ms := case when t[x] < 0 then now_ms else t[x] end;
    amounts := t[x + 1:x + size];
    list := '{}';
    marks := '{}';
    for k in 1..size loop
      b := p + 4 + 4 * k;
      i := acc_at[t[b]];
      ${bringLimit("t[b + 1]", "t[b + 2]")}
      ${advance("at_ms")}
      list[k] := a_no[i];
      marks[k] := a_newest[i];
    end loop;
    short := 0;
    for k in 1..size loop
      i := acc_at[t[p + 4 + 4 * k]];
      asked := amounts[k];
      for j in 1..k - 1 loop
        if list[j] = list[k] then asked := asked + amounts[j]; end if;
      end loop;
      if amounts[k] < 0 or ${TAKEN} + asked > a_limit[i] then
        short := k;
        exit;
      end if;
    end loop;
    if short > 0 then
      ${answer("1", "short - 1")}
    else
      ${answer("0")}
      for k in 1..size loop
        i := acc_at[t[p + 4 + 4 * k]];
        a_held[i] := a_held[i] + amounts[k];
        a_changed[i] := true;
      end loop;
      insert into ${schema}.reservations
        values (fresh[t[p + 3] + item], list, amounts, marks, null, 0, t[p + 4] & 1 = 1, t[p + 5],
          now_ms + t[p + 5]);
    end if;
    for k in 1..size loop
      i := acc_at[t[p + 4 + 4 * k]];
      ${answerBalance}
    end loop;`;
}
