import type { Material } from "./material.ts";

/**
 * What chat templates reserve: text that holds it could seem to be another turn. Bracketed marks,
 * and at the start of a line a role with a colon or a heading of an instruction template.
 */
const BRACKETED =
  /<\|>?|\|>|\[\/?INST\]|<<\/?SYS>>|<\/?s>|<\/?(?:bos|eos|pad|unk|start_of_turn|end_of_turn)>/giu;
const ROLE =
  /(^|[\r\n\v\f\u0085\u2028\u2029])((?:[^\S\r\n\v\f\u0085\u2028\u2029]|[>#*\p{Cf}])*(?:human|user|assistant|system|developer|tool|instruction|response|ai|model)[ \t*]{0,8}):/giu;
const OUR_FENCE = /<<<|>>>/gu;
const REWRITTEN: Readonly<Record<string, string>> = { "<": "‹", ">": "›", "[": "⟦", "]": "⟧" };

/**
 * Takes the power of marks away without hiding that they were there: brackets become others that
 * mean nothing to a chat template, a colon behind a role becomes `꞉`. Nothing is taken out, so no
 * new mark can come about from the rest. What remains of the nonce cannot close the fence.
 */
export function neutralise(text: string, nonce: string): string {
  const marks = text
    .replaceAll(OUR_FENCE, rewrite)
    .replaceAll(BRACKETED, rewrite)
    .replaceAll(ROLE, "$1$2꞉");
  return marks.replaceAll(nonce, "…");
}

function rewrite(mark: string): string {
  return mark.replaceAll(/[<>[\]]/gu, (bracket) => REWRITTEN[bracket] ?? "");
}

/** Puts each text between two lines that only this call knows. */
export function fence(material: readonly Material[], nonce: string): string {
  return material
    .map(({ name, text }) => {
      const inner = neutralise(text, nonce);
      return `<<<begin ${name} ${nonce}>>>\n${inner}\n<<<end ${name} ${nonce}>>>`;
    })
    .join("\n\n");
}
