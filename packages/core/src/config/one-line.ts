/** Whatever could break or forge a line of a log, and white space beside it. */
const BREAKS = /[\p{C}\p{Zl}\p{Zp}\s]+/gu;

/**
 * Makes one printable line of at most `maxLength` characters out of any text, cutting what is over.
 */
export function oneLine(text: string, maxLength: number): string {
  const line = text
    .slice(0, 2 * maxLength)
    .replace(BREAKS, " ")
    .trim();
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1)}…`;
}
