import {
  addSettled,
  addUnknown,
  advance,
  answer,
  answerBalance,
  bringLimit,
  locate,
  MOST,
  TAKEN,
} from "./account-steps.ts";

/**
 * Tape: 5, id, account, limit, version, amount (-1: no amount), minimum, share, ttlMs, atMs or -1
 * for now.
 */
export function leaseStep(schema: string): string {
  return `
    select v.* into l from ${schema}.leases v where v.id = lease_ids[t[p + 1]];
    if found then
      ${locate(schema, "l.account")}
      if i is null then
        ${answer("0", "0")}
      elsif l.kept = 0 or l.expires_ms <= now_ms then -- nothing of it is out any more
        ${answer("0", `greatest(0, a_limit[i] - (${TAKEN}))`)}
      else
        ${answer("1", "l.granted", "l.expires_ms")}
        ${answerBalance}
      end if;
    else
      i := acc_at[t[p + 2]];
      ${bringLimit("t[p + 3]", "t[p + 4]")}
      at_ms := case when t[p + 9] < 0 then now_ms else t[p + 9] end;
      ${advance("at_ms")}
      expires := least(now_ms + t[p + 8], a_ends_ms[i]);
      room := case when expires > now_ms then greatest(0, a_limit[i] - (${TAKEN})) else 0 end;
      amount := least(t[p + 5], room,
        greatest(t[p + 6], floor(room::double precision * shares[t[p + 7]])::bigint));
      if t[p + 5] < 0 or t[p + 6] < 0 or amount < greatest(1, t[p + 6]) then
        ${answer("0", "room")}
      else
        a_leased[i] := a_leased[i] + amount;
        a_changed[i] := true;
        insert into ${schema}.leases
          (id, account, granted, kept, corrections, slice, expires_ms) values
          (lease_ids[t[p + 1]], a_no[i], amount, amount, a_corrections[i], a_newest[i], expires);
        ${answer("1", "amount", "expires")}
        ${answerBalance}
      end if;
    end if;
    p := p + 10;`;
}

/**
 * Tape: 6, id, revision, settled (-1: no sense), unknown, kept, atMs or -1 for now, ttlMs or -1.
 *
 * What was unknown when the provider's figures came in is counted by them: its late end is not
 * charged again. What may have come out of what was kept counts as new.
 */
export function returnStep(schema: string): string {
  return `
    select v.* into l from ${schema}.leases v where v.id = lease_ids[t[p + 1]];
    known := found and t[p + 2] > l.revision;
    if known then
      ${locate(schema, "l.account")}
      known := i is not null;
    end if;
    if not known then
      ${answer("0")}
    else
      if not l.expired and l.expires_ms <= now_ms then
        ${expireLease(schema)}
      end if;
      ${countCorrected}
      used := greatest(t[p + 3], l.settled);
      open_end := t[p + 4];
      keep := least(t[p + 5], l.kept);
      if t[p + 3] < 0 then
        open_end := l.unknown + l.kept;
        keep := 0;
      elsif l.expired then
        open_end := least(${MOST}, t[p + 4] + t[p + 5]);
      end if;
      still := least(l.corrected, open_end);
      amount := used - l.settled;
      amount := greatest(amount - (l.corrected - still), least(amount, l.kept - keep));
      at_ms := case when t[p + 6] < 0 then now_ms else t[p + 6] end;
      ${advance("at_ms")}
      ${answer("1", "a_settled[i] + a_unknown[i]")}
      a_leased[i] := a_leased[i] - (l.kept - keep);
      ${addSettled("amount", "a_newest[i]")}
      ${addUnknown("(l.corrected - l.unknown)", "l.slice")}
      ${addUnknown("(open_end - still)", "a_newest[i]")}
      ${answerBalance}
      if keep = 0 and open_end = 0 then
        delete from ${schema}.leases v where v.id = l.id;
        ${answer("-1")}
      else
        expires := case when t[p + 7] < 0 or keep = 0 then l.expires_ms
          else least(a_ends_ms[i], greatest(l.expires_ms, now_ms + t[p + 7])) end;
        update ${schema}.leases v set
          kept = keep, settled = used, unknown = open_end, corrected = still,
          corrections = l.corrections, slice = a_newest[i], revision = t[p + 2], expires_ms = expires
          where v.id = l.id;
        ${answer("case when keep > 0 then expires else -1 end")}
      end if;
    end if;
    p := p + 8;`;
}

/** All that was unknown at a correction is counted by it. */
const countCorrected = `
    if l.corrections <> a_corrections[i] then
      l.corrections := a_corrections[i];
      l.corrected := l.unknown;
    end if;`;

/**
 * What an expired lease in \`l\` never accounted for becomes unknown, in the slice of its last
 * instant.
 */
export function expireLease(schema: string): string {
  return `
    ${countCorrected}
    ${advance("now_ms")}
    ${addUnknown("(l.corrected - l.unknown)", "l.slice")}
    ${addUnknown("(l.unknown - l.corrected + l.kept)", "a_newest[i]")}
    a_leased[i] := a_leased[i] - l.kept;
    l.unknown := l.unknown + l.kept;
    l.kept := 0;
    l.slice := a_newest[i];
    l.expired := true;
    update ${schema}.leases v set
      kept = 0, unknown = l.unknown, corrected = l.corrected, corrections = l.corrections,
      slice = l.slice, expired = true
      where v.id = l.id;`;
}
