import fc from "fast-check";
import { expect, test } from "vitest";
import { HoldBack } from "./hold-back.ts";

/** Adds texts as a hook does whose reviews all pass, and says what went out after each. */
function run(characters: number, texts: readonly string[]): { gone: string[][]; rest: string[] } {
  const held = new HoldBack<string>({ characters });
  const gone = texts.map((text) => {
    const free = held.add(text, text.length, text.startsWith("call:"));
    return held.isReviewDue ? held.release() : [...free];
  });
  return { gone, rest: held.rest() };
}

test("without a window text passes at once, and a tool call with all after it waits", () => {
  expect(run(0, ["a", "b", "call:x", "c"])).toEqual({
    gone: [["a"], ["b"], [], []],
    rest: ["call:x", "c"],
  });
});

test("a window's worth of text stays behind what was reviewed", () => {
  expect(run(4, ["aa", "bb", "cc", "dd", "ee"])).toEqual({
    gone: [[], [], [], ["aa", "bb"], []],
    rest: ["cc", "dd", "ee"],
  });
});

test("with everything held nothing goes before the end", () => {
  const { gone, rest } = run(Number.POSITIVE_INFINITY, ["a".repeat(100_000), "call:x"]);
  expect(gone).toEqual([[], []]);
  expect(rest).toHaveLength(2);
});

test("whatever the parts: order is kept, nothing is lost, and the window is never handed on", () => {
  const part = fc.oneof(fc.string({ maxLength: 8 }), fc.constant("call:x"));
  fc.assert(
    fc.property(fc.nat(20), fc.array(part, { maxLength: 40 }), (characters, texts) => {
      const { gone, rest } = run(characters, texts);
      expect([...gone.flat(), ...rest]).toEqual(texts);
      let received = 0;
      let handedOn = 0;
      for (const [index, text] of texts.entries()) {
        received += text.length;
        handedOn += (gone[index] ?? []).join("").length;
        if (handedOn > 0) expect(received - handedOn).toBeGreaterThanOrEqual(characters);
      }
      expect(gone.flat().some((text) => text.startsWith("call:"))).toBe(false);
    }),
  );
});
