import { describe, expect, it } from "vitest";
import { fold } from "./fold.ts";

const folded = (text: string): string => {
  const { codes, length } = fold(text);
  return String.fromCharCode(...codes.subarray(0, length));
};

describe("folded text", () => {
  it.each([
    ["Việt Nam, dấu", "Việt Nam, dấu".normalize("NFD")],
    ["서울은 수도", "서울은 수도".normalize("NFD")],
    ["が", "か\u3099"],
    ["الكِتَاب", "الكتاب"],
    ["שָׁלוֹם".replace("\u05c1", ""), "שלום"],
    ["Donau\u00addampf", "donaudampf"],
    ["می‌روم", "میروم"],
  ])("%s is the same as %s", (one, other) => {
    expect(folded(one)).toBe(folded(other));
  });

  it("has no emoji, whatever they are made of, and no words where there is nothing else", () => {
    expect(folded("Sehr gut 👍🏽! 👩‍👩‍👧 ❤️ 🇩🇪 Danke")).toBe(" sehr gut danke ");
    expect(folded("👍🏽🎉")).toBe(" ");
  });

  it("keeps letters beyond the first 65,536 code points", () => {
    expect(folded("𠮷野家")).toBe(" 𠮷野家 ");
  });

  it("says where each letter stood", () => {
    const text = "Cafe\u0301 👍 Bar";
    const { codes, length, offsets } = fold(text);
    const at = [...codes.subarray(0, length)].indexOf("b".charCodeAt(0));
    expect(offsets[at]).toBe(text.indexOf("B"));
  });
});
