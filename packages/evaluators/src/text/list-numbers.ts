import { plainDigits } from "./plain-signs.ts";

/** What people write before the number of a step or a choice. */
const STEP = String.raw`(?:(?:step|option|method|tip|schritt|étape|paso|passo|stap|opción|opção|opzione|optie|krok|adım|langkah|шаг|крок|βήμα|الخطوة|خطوة|שלב|चरण)[ \t\u00a0]{1,3}|(?:ステップ|手順|步骤|步驟|方法)[ \t]?|第[ \t]?(?=\d{1,3}[ \t]?步))`;
/**
 * The number of an item or a step at the start of a line, as Markdown and people write it: `1. `,
 * `2) `, `(3) `, `- **3.** `, `## 4. `, `Step 5: `, `Step 5 – `, `Step 5` alone, `6- `; `第5步`, `5단계:`; `7、`,
 * `（8）` and `9.` before a word of a script without spaces.
 */
const NUMBERED = new RegExp(
  String.raw`^([ \t]{0,16})(?:>[ \t]?)?(?:[-*+][ \t]+|#{1,6}[ \t]+)?(?:\*\*|__)?${STEP}?[(（]?(\d{1,3})(?:[.):](?=(?:\*\*|__)?[ \t]+\S)|-(?=[ \t]+\p{L})|(?<=${STEP}\d{1,3})(?=(?:\*\*|__)?[ \t\u00a0\u202f]*(?:[:–—-](?:\*\*|__)?(?:[ \t]|$)|$))|[、．）：](?=(?:\*\*|__)?[^\d\s]|[ \t\u3000]+\S)|(?<=第[ \t]?\d{1,3})[ \t]?步|[ \t]?단계(?=(?:\*\*|__)?[ \t]?[:：.])|[.):](?=(?:\*\*|__)?[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}]))`,
  "gimu",
);

/** The emoji of a key, such as 1️⃣: a number of a list wherever it stands. */
const KEY = /\d\ufe0f?\u20e3/gu;

/**
 * Blanks the numbers of a list, in the digits of any script: they say what comes after what, and
 * are no claims. A list begins with 1 and counts on, each indent for itself; any other number at
 * the start of a line is one of the text. As long as before, so that places stay what they are.
 */
export function withoutListNumbers(given: string): string {
  const text = given.replace(KEY, (key) => " ".repeat(key.length));
  const counts = new Map<number, number>();
  let blanked = "";
  let done = 0;
  for (const match of plainDigits(text).matchAll(NUMBERED)) {
    const [whole, indent = "", digits = ""] = match;
    const number = Number(digits);
    const isNext = number === 1 || number === (counts.get(indent.length) ?? 0) + 1;
    if (!isNext) continue;
    counts.set(indent.length, number);
    const end = match.index + whole.length;
    const begin = match.index + whole.lastIndexOf(digits);
    blanked += text.slice(done, begin) + " ".repeat(end - begin);
    done = end;
  }
  return blanked + text.slice(done);
}
