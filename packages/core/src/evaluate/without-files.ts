/** From this length on, base64 is a file and no text. */
const FILE_LENGTH = 1_024;
/** Base64 with or without lines, and addresses that hold their data. */
const FILE = /^(?:[\w+/=-]{60,80}\r?\n)*[\w+/=-]*$|^data:[\w.+-]+\/[\w.+-]+[;,]/;
/** A run of a file's length has so many characters behind one of this number's multiples. */
const HALF = FILE_LENGTH / 2;
const HALF_RUN = new RegExp(`[\\w+/=-]{${HALF}}`, "y");
/** For each ASCII code whether base64 has it. */
const IN_RUN = Uint8Array.from({ length: 128 }, (_, code) =>
  Number(/[\w+/=-]/.test(String.fromCharCode(code))),
);

/** Whether all of a text is a file. */
export function isFile(text: string): boolean {
  return text.length >= FILE_LENGTH && FILE.test(text.slice(0, FILE_LENGTH));
}

/**
 * A text without the files in it, such as a picture in the JSON that a tool returned: they say
 * nothing, and would take the room of what does. Linear, and cheap where there are none.
 */
export function withoutFiles(text: string): string {
  let kept = "";
  let from = 0;
  for (let at = 0; at + HALF <= text.length; at += HALF) {
    HALF_RUN.lastIndex = at;
    if (at < from || !HALF_RUN.test(text)) continue;
    const { start, end } = runAround(text, at, from);
    if (end - start < FILE_LENGTH) continue;
    kept += text.slice(from, start);
    from = end;
  }
  return from === 0 ? text : kept + text.slice(from);
}

function runAround(text: string, at: number, from: number): { start: number; end: number } {
  let start = at;
  let end = at + HALF;
  while (start > from && IN_RUN[text.charCodeAt(start - 1)] === 1) start--;
  while (end < text.length && IN_RUN[text.charCodeAt(end)] === 1) end++;
  return { start, end };
}
