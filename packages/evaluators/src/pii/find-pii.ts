import type { Evidence } from "../evaluator.ts";
import { plainSigns } from "../text/plain-signs.ts";
import { searchVisible } from "../text/visible.ts";
import { IBAN_LENGTHS, isCard, isIban, isIpV6, isSsn } from "./checksums.ts";

/** Kinds of personal data with a structure that can be checked. */
export const PII_KINDS = ["email", "card", "iban", "ssn", "ip"] as const;
/** One of them. */
export type PiiKind = (typeof PII_KINDS)[number];

interface Detector {
  /**
   * Every repetition is bounded, so that no text makes it slow. What is found is the group
   * `written`, where there is one: then the next search may begin inside it.
   */
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
        /(?<![\p{L}\p{N}_])[\p{L}\p{N}_][\p{L}\p{N}._%+'’-]{0,63}@(?!\dx\.)(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}@])/gu,
      accepts: () => true,
    },
  ],
  // Digits with letters right beside them, or a hyphen after one, are a code of something else.
  card: [
    {
      pattern: /(?<![A-Za-z\d+]|\d\.|[A-Za-z\d]-)\d(?:[ -]?\d){11,18}(?![A-Za-z\d])/g,
      accepts: isCard,
    },
    // As cards print them, also among other digits: an expiry date, a security code.
    {
      pattern:
        /(?<![A-Za-z\d+]|\d\.|[A-Za-z\d]-)(?=(?<written>\d{12,19}|\d{4}(?<gap>[ .-])\d{4}\k<gap>\d{4}\k<gap>\d{4}|3\d{3}(?<space>[ .-])\d{6}\k<space>\d{4,5})(?![A-Za-z\d]|\.\d))\d{1,19}/g,
      accepts: isCard,
    },
  ],
  iban: [{ pattern: IBAN, accepts: isIban }],
  ssn: [
    {
      pattern: /(?<!\d|[A-Za-z\d]-)\d{3}([- ])\d{2}\1\d{4}(?!\d|-[A-Za-z\d])/g,
      accepts: isSsn,
    },
  ],
  ip: [
    {
      pattern: new RegExp(`(?<!\\w|\\w\\.)${OCTET}(?:\\.${OCTET}){3}(?![\\w]|\\.\\d)`, "g"),
      accepts: () => true,
    },
    {
      pattern: /(?:(?<![\w:.])|(?<=[^\dA-Fa-f:.]:))(?=[\dA-Fa-f]|::)[\dA-Fa-f:]{2,39}(?![\w:])/g, // `IP:2001:db8::1`
      accepts: isIpV6,
    },
  ],
};

/**
 * Finds personal data of these kinds, each with its place; digits are checked, not only counted.
 */
export function findPii(text: string, kinds: readonly PiiKind[]): readonly Evidence[] {
  return searchVisible(plainSigns(text), (plain) =>
    kinds.flatMap((kind) => {
      const found = findKind(plain, kind);
      return kind === "card" && found.length > 0 ? findKind(withoutIbans(plain), kind) : found;
    }),
  );
}

function findKind(plain: string, kind: PiiKind): Evidence[] {
  const found = new Map<number, Evidence>();
  if (kind === "email" && !plain.includes("@")) return []; // letters of any script take time
  for (const { pattern, accepts } of DETECTORS[kind]) {
    for (const match of plain.matchAll(pattern)) {
      const written = match.groups?.["written"] ?? match[0];
      if (!accepts(written)) continue;
      found.set(match.index, { start: match.index, end: match.index + written.length, kind });
    }
  }
  return [...found.values()];
}

/** The digits of an IBAN may look like a card's; as long as before, so that places stay. */
function withoutIbans(plain: string): string {
  return plain.replace(IBAN, (written) => (isIban(written) ? " ".repeat(written.length) : written));
}
