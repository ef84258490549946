import { createHash } from "node:crypto";

/** Longest id that is stored as it is; an index takes no more than about 2,700 bytes. */
const MAX_PLAIN = 200;

/**
 * An id as a key of bounded length, whatever is in it: PostgreSQL takes neither NUL nor half a
 * surrogate pair. Keys differ when ids differ.
 */
export function keyOf(id: string): string {
  if (id.length <= MAX_PLAIN && isStorable(id)) return `=${id}`;
  return `#${createHash("sha256").update(id, "utf16le").digest("hex")}`;
}

/** Escapes one UTF-16 unit; four hexadecimal digits follow. */
const MARK = "\uF8FF";

/** A text as PostgreSQL can store it; what begins it begins it still. `unescapeText` undoes it. */
export function escapeText(text: string): string {
  if (isStorable(text) && !text.includes(MARK)) return text;
  return text
    .replace(/\uF8FF|\p{Surrogate}/gu, (unit) => `${MARK}${unit.charCodeAt(0).toString(16)}`)
    .replaceAll("\0", `${MARK}0000`);
}

/** The text that was escaped. */
export function unescapeText(text: string): string {
  if (!text.includes(MARK)) return text;
  return text.replace(/\uF8FF([0-9a-f]{4})/g, (_, unit) =>
    String.fromCharCode(Number.parseInt(unit, 16)),
  );
}

/** Texts as one array literal: it goes to the server as a parameter. */
export function textArray(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}

/** Numbers as one array literal. */
export function numberArray(numbers: readonly number[]): string {
  return `{${numbers.join(",")}}`;
}

/** A count or instant as a bigint: 0 for what is no number, at most what is exact. */
export function wholeText(value: number): string {
  const whole = Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, Math.floor(value)));
  return String(Number.isNaN(whole) ? 0 : whole);
}

function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}
