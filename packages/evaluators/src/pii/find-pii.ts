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
  /** What a text must have to be searched at all: letters of any script take time. */
  readonly needs?: RegExp;
}

const OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
/** What parts of a text and versions of a program are called. */
const NUMBERED = String.raw`第|§|القسم|المادة|סעיף|\b(?:sections?|clauses?|chapters?|paragraphs?|articles?|abschnitte?s?|kapiteln?|ziffern?|artikel[ns]?|absatz|absätze|chapitres?|paragraphes?|secci(?:ón|ones)|apartados?|capítulos?|artículos?|artigos?|seção|sezione|capitol[oi]|articol[oi]|hoofdstuk)`;
const VERSIONED = String.raw`(?:\b(?:version|versión|versão|versione|versie|firmware)|версия|الإصدار|إصدار|גרסה|バージョン|版本|버전)`;
/** `Section 5.2.4.1`, `§ 5.2.4.1`, `"version": "4.8.0.1"`: no IP address stands behind such a word. */
const SECTION = String.raw`\d{1,2}\.(?<=(?:${NUMBERED}|${VERSIONED}["']?\s?[:=]?)\s{0,2}["']?\d{1,2}\.)\d{1,2}\.\d{1,2}\.\d{1,2}(?!\d)`;
/** A letter, or an underscore behind one: `app_4.8.0.1`; that of `_203.0.113.9_` is emphasis. */
const IN_NAME = String.raw`[A-Za-z\d]|[A-Za-z\d]_`;
/** This machine, any address, and masks of networks, also turned around, are nobody's. */
const NOBODYS = /^(?:0|127|255)\./;
/** `SSN`, `userSsn`, `social_security_number`. */
const SSN_NAME = String.raw`(?:(?<![A-Za-z\d])[Ss][Ss][Nn]|(?<=[a-z])S(?:sn|SN)|[Ss](?:ocial|OCIAL)[ _-]?[Ss](?:ecurity|ECURITY))s?(?:[ _-]?(?:[Nn](?:umber|UMBER|o|O|um|UM)))?`;
/** Nine digits behind it: `"ssn": "123456789"`, `**SSN:** 123456789`, `<ssn>123456789</ssn>`. */
const NAMED_SSN = new RegExp(
  String.raw`(?=\d{9}(?![A-Za-z\d]))(?<=${SSN_NAME}[^\p{L}\p{N}]{0,8}(?:(?:is|was)[^\p{L}\p{N}]{1,8})?)\d{9}`,
  "gu",
);
/** Two letters, two digits, and as many more as the country has; what follows may be a word. */
const IBAN = new RegExp(
  `(?<![A-Za-z\\d])(?:${Object.entries(IBAN_LENGTHS)
    .map(([country, length]) => `${country}\\d{2}(?:[ -]?[A-Z\\d]){${length - 4}}`)
    .join("|")})(?![A-Za-z\\d])`,
  "gi",
);
/** Scripts whose words stand side by side; Korean adds endings to what it names. */
const UNSPACED = ["Han", "Hira", "Kana", "Thai", "Laoo", "Khmr", "Mymr", "Hang"]
  .map((script) => `\\p{scx=${script}}`)
  .join("");
const SPACED_LETTER = `[\\p{L}--[${UNSPACED}]]`;
const SPACED = `[[\\p{L}\\p{N}]--[${UNSPACED}]]`;
const UNSPACED_LETTER = `[\\p{L}&&[${UNSPACED}]]`;
const LABELS = `(?:(?:${SPACED}(?:[${SPACED}\\-]{0,61}${SPACED})?|${UNSPACED_LETTER}[\\p{L}\\p{N}\\-]{0,62})\\.){1,8}`;
const UNSPACED_DOMAIN = `${LABELS}${UNSPACED_LETTER}{2,24}(?![\\p{L}\\p{N}@])`;
/** Ends of files that come in sizes: `logo@2x.png`. */
const PICTURE = String.raw`(?:png|jpe?g|gif|webp|avif|svg|heic|bmp|tiff?|ico|pdf|json)(?![\p{L}\p{N}])`;
/**
 * What stands right beside it in one of those scripts is the sentence that names it. The address of
 * a repository, `git@host:path`, is nobody's.
 */
const EMAIL = new RegExp(
  `(?<![${SPACED}_])(?!git@[\\w.\\-]{1,255}(?::\\S|/))[${SPACED}_][${SPACED}._%+'’\\-]{0,63}@(?!\\dx\\.${PICTURE})(?:${LABELS}${SPACED_LETTER}{2,24}(?![${SPACED}@])|${UNSPACED_DOMAIN})`,
  "gv",
);
/** One that is all in those scripts. */
const UNSPACED_EMAIL = new RegExp(
  `(?<![\\p{L}\\p{N}_])[\\p{L}\\p{N}_][\\p{L}\\p{N}._%+'’\\-]{0,63}(?<=${UNSPACED_LETTER})@${UNSPACED_DOMAIN}`,
  "gv",
);
const DETECTORS: Readonly<Record<PiiKind, readonly Detector[]>> = {
  email: [
    { pattern: EMAIL, accepts: () => true, needs: /@/ },
    {
      pattern: UNSPACED_EMAIL,
      accepts: () => true,
      needs: new RegExp(`@(?<=${UNSPACED_LETTER}@)`, "v"),
    },
  ],
  // Digits with letters right beside them, or a hyphen after one, are a code of something else.
  card: [
    // Groups as on no card are rows of numbers, or telephone numbers side by side.
    {
      pattern:
        /(?<![A-Za-z\d+]|\d\.|[A-Za-z\d]-)\d{4,19}(?:[ -]\d{3,15}){0,4}(?:[ -]\d{1,2})?(?![A-Za-z\d])/g,
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
    // As databases keep them, behind their name; between a name and its value stand signs alone.
    {
      pattern: NAMED_SSN,
      accepts: (digits) => isSsn(digits.replace(/^(...)(..)/, "$1-$2-")),
      needs: /ssn|social[ _-]?security/i,
    },
  ],
  ip: [
    {
      pattern: new RegExp(
        `(?<!${IN_NAME}|\\w\\.)(?!${SECTION})${OCTET}(?:\\.${OCTET}){3}(?![A-Za-z\\d]|_[A-Za-z\\d]|\\.\\d)`,
        "gi",
      ),
      accepts: (written) => !NOBODYS.test(written),
    },
    {
      pattern:
        /(?:(?<![A-Za-z\d:.]|[A-Za-z\d]_)|(?<=[^\dA-Fa-f:.]:))(?=[\dA-Fa-f]|::)[\dA-Fa-f:]{2,39}(?![A-Za-z\d:]|_[A-Za-z\d])/g, // `IP:2001:db8::1`
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
  for (const { pattern, accepts, needs } of DETECTORS[kind]) {
    if (needs?.test(plain) === false) continue;
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
