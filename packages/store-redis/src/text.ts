const ESCAPED = /[\\\n\p{Cs}]/gu;
const ESCAPES = /\\([0-9a-f]+);/g;

/**
 * Writes any text, of one meaning only, as something that UTF-8 and Lua's JSON can carry: line
 * breaks separate parts of a name, and halves of surrogate pairs would all become the same
 * character.
 */
export function encodeText(text: string): string {
  if (text.isWellFormed() && !text.includes("\\") && !text.includes("\n")) return text;
  return text.replace(ESCAPED, (character) => `\\${character.charCodeAt(0).toString(16)};`);
}

/** Reads what `encodeText` wrote. */
export function decodeText(text: string): string {
  return text.replace(ESCAPES, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** Writes text so that the order of its bytes is that of JavaScript's strings, and so is what begins
 * with what: four hexadecimal digits for each UTF-16 unit. */
export function sortableText(text: string): string {
  let sortable = "";
  for (let index = 0; index < text.length; index++) {
    sortable += text.charCodeAt(index).toString(16).padStart(4, "0");
  }
  return sortable;
}

/** Reads what `sortableText` wrote. */
export function fromSortableText(sortable: string): string {
  const units = sortable.match(/.{4}/g) ?? [];
  return units.map((unit) => String.fromCharCode(Number.parseInt(unit, 16))).join("");
}
