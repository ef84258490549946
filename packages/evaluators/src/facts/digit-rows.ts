import type { Fact } from "./fact.ts";

/** Telephone numbers have seven digits and more; none is longer than fifteen, but ids are. */
const MIN_DIGITS = 7;
const MAX_DIGITS = 24;
const MAX_GROUPS = 8;
/** Groups of digits with what people write between them. */
const ROW = /\+?\(?\d+(?:[ ()./\u00a0\u202f\u2011–-]{1,3}\d+){0,30}/g;
const GROUP = /\d+/g;
/** Without the code of the country, which is said with a `0` or with nothing. */
const MAX_CODE = 3;

/**
 * Those that are no part of a longer number that the context has in other groups: `(415) 555-0132`
 * is its `+14155550132`.
 */
export function withoutRegrouped(
  missing: readonly Fact[],
  answer: string,
  context: string,
): readonly Fact[] {
  if (missing.length === 0) return missing;
  const said: Row[] = [];
  eachRow(answer, (row) => said.push(row));
  if (outside(missing, said).length === missing.length) return missing;
  const wanted = new Set(said.map(({ digits }) => digits));
  const lengths = new Set(said.map(({ digits }) => digits.length)); // most rows are not looked up
  const known = new Set<string>();
  eachRow(context, ({ digits, isWhole }) => {
    if (lengths.has(digits.length) && wanted.has(digits)) known.add(digits);
    if (!isWhole) return;
    for (const form of nationalForms(digits)) if (wanted.has(form)) known.add(form);
  });
  return outside(
    missing,
    said.filter(({ digits }) => known.has(digits)),
  );
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Those that no span holds. Both stand in the order of the text. */
export function outside<F extends Span>(facts: readonly F[], spans: readonly Span[]): readonly F[] {
  let next = 0;
  let reach = 0;
  return facts.filter(({ start, end }) => {
    for (let span = spans[next]; span !== undefined && span.start <= start; span = spans[++next]) {
      reach = Math.max(reach, span.end);
    }
    return end > reach;
  });
}

interface Row extends Span {
  readonly digits: string;
  /** Whether it begins with a `+`. */
  readonly isWhole: boolean;
}

/** Visits all neighbouring groups that may be one number. */
function eachRow(text: string, visit: (row: Row) => void): void {
  for (const { 0: whole, index } of text.matchAll(ROW)) {
    if (whole.length < MIN_DIGITS) continue;
    const groups = [...whole.matchAll(GROUP)];
    for (const from of groups.keys()) {
      const isWhole = from === 0 && whole.startsWith("+");
      visitRows(groups.slice(from, from + MAX_GROUPS), index, isWhole, visit);
    }
  }
}

/** Those that begin with the first of these groups. With one point it is a decimal: `12345.67`. */
function visitRows(
  groups: readonly RegExpExecArray[],
  offset: number,
  isWhole: boolean,
  visit: (row: Row) => void,
): void {
  const start = offset + (groups[0]?.index ?? 0);
  let digits = "";
  let points = 0;
  let end = start;
  for (const { 0: group, index, input } of groups) {
    if (input.slice(end - offset, index) === ".") points++;
    digits += group;
    if (digits.length > MAX_DIGITS) return;
    end = offset + index + group.length;
    if (digits.length >= MIN_DIGITS && points !== 1) visit({ digits, start, end, isWhole });
  }
}

function nationalForms(digits: string): string[] {
  return Array.from({ length: MAX_CODE }, (_, at) => digits.slice(at + 1))
    .filter(({ length }) => length >= MIN_DIGITS)
    .flatMap((rest) => [rest, `0${rest}`]);
}
