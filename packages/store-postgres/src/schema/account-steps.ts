/**
 * Steps on one locked account, inlined where they are needed: a function call would copy the arrays
 * that hold all accounts of a batch. Each works on account number `i` of these arrays.
 */

/** Largest exact sum; balances saturate there. */
export const MOST = "9007199254740991";

/** Lets a rolling window move on to an instant; time that runs backwards moves nothing. */
export function advance(atMs: string): string {
  return `
    if a_slots[i] > 0 and ${atMs} / a_slice_ms[i] > a_newest[i] then
      slice := ${atMs} / a_slice_ms[i];
      for leaving in greatest(a_newest[i] + 1, slice - a_slots[i] + 1)..slice loop
        slot := a_offset[i] + 1 + (leaving % a_slots[i])::integer;
        a_settled[i] := a_settled[i] - ring_s[slot];
        a_unknown[i] := a_unknown[i] - ring_u[slot];
        ring_s[slot] := 0;
        ring_u[slot] := 0;
      end loop;
      a_newest[i] := slice;
    end if;`;
}

/** Charges an amount in its slice, unless that has left the window. */
export function addSettled(amount: string, slice: string): string {
  return add("a_settled", "ring_s", amount, slice);
}

/** Charges an amount whose truth is not known; negative when the truth arrives. */
export function addUnknown(amount: string, slice: string): string {
  return add("a_unknown", "ring_u", amount, slice);
}

function add(sum: string, ring: string, amount: string, slice: string): string {
  return `
    if a_slots[i] = 0 then
      ${sum}[i] := greatest(0, least(${MOST}, ${sum}[i] + ${amount}));
    elsif ${slice} > a_newest[i] - a_slots[i] then
      slot := a_offset[i] + 1 + (${slice} % a_slots[i])::integer;
      change := greatest(-${ring}[slot], least(${amount}, ${MOST} - ${sum}[i]));
      ${ring}[slot] := ${ring}[slot] + change;
      ${sum}[i] := ${sum}[i] + change;
    end if;
    a_changed[i] := true;`;
}

/** Everything that counts against the limit. */
export const TAKEN = "a_settled[i] + a_held[i] + a_leased[i] + a_unknown[i]";

/** The latest limit of the newest version applies. */
export function bringLimit(limit: string, version: string): string {
  return `
    if ${version} >= a_version[i] and (${version} <> a_version[i] or ${limit} <> a_limit[i]) then
      a_limit[i] := ${limit};
      a_version[i] := ${version};
      a_changed[i] := true;
    end if;`;
}

/** Appends values to the reply. */
export function answer(...values: readonly string[]): string {
  return values.map((value) => `o[q] := ${value}; q := q + 1;`).join(" ");
}

/** Appends the four figures of the account's balance. */
export const answerBalance: string = answer(
  "a_settled[i]",
  "a_held[i]",
  "a_leased[i]",
  "a_unknown[i]",
);

/** Appends the balance of an account that does not exist. */
export const answerNothing: string = answer("0", "0", "0", "0");

/**
 * Finds a locked account by number. One that exists and is not locked came in after the locks were
 * chosen: the whole batch is tried again. One that is gone was purged with its window.
 */
export function locate(schema: string, no: string): string {
  return `
    i := array_position(a_no, ${no});
    if i is null and exists (select from ${schema}.accounts a where a.no = ${no}) then
      raise exception 'burnrate: an account appeared' using errcode = '40001';
    end if;`;
}
