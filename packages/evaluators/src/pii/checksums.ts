/** First digits that networks use, each with the lengths of its numbers. */
const NETWORKS =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0|6|8|9)\d{12,17}|35\d{14,17}|(?:5[0678]|6)\d{10,17}|(?:1800|2131)\d{11})$/;
/** How long an IBAN is in each country. */
export const IBAN_LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30"
    .match(/[A-Z]{2}\d{2}/g)
    ?.map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]) ?? [],
);

/**
 * Luhn's check digit, and first digits and a length that a network uses (Visa, Mastercard, Amex,
 * Discover, Diners, JCB, Maestro, UnionPay).
 * @see https://www.iso.org/standard/70484.html
 */
export function isCard(written: string): boolean {
  const digits = written.replace(/\D/g, "");
  if (!NETWORKS.test(digits) || /^(\d)\1+$/.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48;
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/**
 * A country's length, and the remainder of 97.
 * @see https://www.swift.com/standards/data-standards/iban-international-bank-account-number
 */
export function isIban(written: string): boolean {
  const compact = written.replace(/[ -]/g, "").toUpperCase();
  if (IBAN_LENGTHS[compact.slice(0, 2)] !== compact.length) return false;
  let remainder = 0;
  for (const sign of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(sign, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}

/**
 * Areas 000, 666 and 900 to 999, group 00 and serial 0000 were never given out.
 * @see https://www.ssa.gov/employer/randomization.html
 */
export function isSsn(written: string): boolean {
  const [area = "", group = "", serial = ""] = written.split(/[- ]/);
  return !/^(?:000|666|9)/.test(area) && group !== "00" && serial !== "0000";
}

/**
 * Eight groups, or fewer with one `::`. A time such as `12:30:45` is none, nor is `a::b` of a
 * program.
 */
export function isIpV6(written: string): boolean {
  const halves = written.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return false;
  if (halves.length === 1) return groups.length === 8;
  const isLong = groups.length > 2 || groups[0]?.length === 4;
  return isLong && groups.length <= 7 && /\d/.test(written);
}
