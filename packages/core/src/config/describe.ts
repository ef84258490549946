import { types } from "node:util";

const { isMap, isPromise } = types;
const MAX_SHOWN = 60;

/**
 * Controls, bidirectional marks, lone surrogates, line separators: whatever could forge a log line.
 */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Shows a wrong value inside an error message: short, on one line, without running its code.
 * Objects and functions are named by kind only, because their contents may be secret or huge; of an
 * address (a `DATABASE_URL` where a store was meant) neither name and password nor query is shown.
 */
export function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quote(withoutCredentials(value));
    case "bigint":
      return `${shorten(String(value))}n`;
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "function":
      return "a function";
    case "symbol":
      return "a symbol";
    case "object":
      return describeObject(value);
    default:
      return String(value);
  }
}

/** Quotes text for a message: shortened, with every unprintable character escaped. */
export function quote(text: string): string {
  return escapeUnprintable(JSON.stringify(shorten(text)));
}

/** Keeps text on one line and readable, whatever names are in it: `\u{a}` for a line break. */
export function escapeUnprintable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** Of an address: what stands before its last @, and what follows its ?, may be secret. */
function withoutCredentials(text: string): string {
  const scheme = text.indexOf("://");
  if (scheme === -1) return text;
  const rest = text.slice(scheme + 3);
  const at = rest.lastIndexOf("@");
  const place = at === -1 ? rest : `…${rest.slice(at)}`;
  const query = place.indexOf("?");
  return `${text.slice(0, scheme + 3)}${query === -1 ? place : `${place.slice(0, query)}?…`}`;
}

function shorten(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 1)}…`;
}

function describeObject(value: object | null): string {
  if (value === null) return "null";
  if (isPromise(value)) return "a promise that was not awaited";
  if (isMap(value)) return "a Map";
  try {
    return Array.isArray(value) ? `an array of ${value.length}` : "an object";
  } catch {
    return "an object that cannot be read"; // a revoked Proxy
  }
}
