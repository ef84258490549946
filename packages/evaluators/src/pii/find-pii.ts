import type { Evidence } from "../evaluator.ts";
import { IBAN_LENGTHS, isCard, isIban, isIpV6, isSsn } from "./checksums.ts";

/** Kinds of personal data with a structure that can be checked. */
export const PII_KINDS = ["email", "card", "iban", "ssn", "ip"] as const;
/** One of them. */
export type PiiKind = (typeof PII_KINDS)[number];

interface Detector {
  /** Every repetition is bounded, so that no text makes it slow. */
  readonly pattern: RegExp;
  readonly accepts: (found: string) => boolean;
}

const OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
/** Two letters, two digits, and as many more as the country has; what follows may be a word. */
const IBAN = new RegExp(
  `(?<![A-Za-z\\d])(?:${Object.entries(IBAN_LENGTHS)
    .map(([country, length]) => `${country}\\d{2}(?:[ -]?[A-Z\\d]){${length - 4}}`)
    .join("|")})(?![A-Za-z\\d])`,
  "gi",
);
const DETECTORS: Readonly<Record<PiiKind, readonly Detector[]>> = {
  email: [
    {
      pattern:
        /(?<![\w.+%-])[\p{L}\p{N}_][\p{L}\p{N}._%+-]{0,63}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}@])/gu,
      accepts: () => true,
    },
  ],
  card: [{ pattern: /(?<![\d.,+-])\d(?:[ -]?\d){11,18}(?!\d)/g, accepts: isCard }],
  iban: [{ pattern: IBAN, accepts: isIban }],
  ssn: [{ pattern: /(?<![\d-])\d{3}([- ])\d{2}\1\d{4}(?![\d-])/g, accepts: isSsn }],
  ip: [
    {
      pattern: new RegExp(`(?<![\\w.])${OCTET}(?:\\.${OCTET}){3}(?![\\w]|\\.\\d)`, "g"),
      accepts: () => true,
    },
    { pattern: /(?<![\w:.])[\dA-Fa-f:]{2,39}(?![\w:])/g, accepts: isIpV6 },
  ],
};

/**
 * Finds personal data of these kinds, each with its place; digits are checked, not only counted.
 */
export function findPii(text: string, kinds: readonly PiiKind[]): Evidence[] {
  const found: Evidence[] = [];
  for (const kind of kinds) {
    for (const { pattern, accepts } of DETECTORS[kind]) {
      for (const match of text.matchAll(pattern)) {
        if (!accepts(match[0])) continue;
        found.push({ start: match.index, end: match.index + match[0].length, kind });
      }
    }
  }
  return found;
}
