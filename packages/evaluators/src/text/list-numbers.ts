/**
 * The number of an item or a step at the start of a line, as Markdown and people write it: `1. `,
 * `2) `, `- **3.** `, `## 4. `, `Step 5: `.
 */
const NUMBERED =
  /^([ \t]{0,16})(?:>[ \t]?)?(?:[-*+][ \t]+|#{1,6}[ \t]+)?(?:\*\*|__)?(?:step[ \t]{1,3})?(\d{1,3})[.):](?=(?:\*\*|__)?[ \t]+\S)/gimu;

/**
 * Blanks the numbers of a list: they say what comes after what, and are no claims. A list begins
 * with 1 and counts on, each indent for itself; any other number at the start of a line is one of
 * the text. As long as before, so that places stay what they are.
 */
export function withoutListNumbers(text: string): string {
  const counts = new Map<number, number>();
  return text.replace(NUMBERED, (whole, indent: string, digits: string) => {
    const number = Number(digits);
    const isNext = number === 1 || number === (counts.get(indent.length) ?? 0) + 1;
    if (!isNext) return whole;
    counts.set(indent.length, number);
    return whole.slice(0, -digits.length - 1) + " ".repeat(digits.length + 1);
  });
}
