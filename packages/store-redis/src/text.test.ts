import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeText, encodeText, fromSortableText, sortableText } from "./text.ts";

/** Any UTF-16, halves of surrogate pairs included. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }))
  .map((units) => String.fromCharCode(...units));

test("any text comes back as it was, through what UTF-8 and JSON can carry", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const encoded = encodeText(text);
      expect(encoded.isWellFormed()).toBe(true);
      expect(encoded).not.toContain("\n");
      expect(decodeText(Buffer.from(encoded).toString())).toBe(text);
    }),
  );
  for (const text of ["\\", "\\5c;", "\ud800", "a\nb", ""]) {
    expect(decodeText(encodeText(text))).toBe(text);
  }
});

test("sortable text keeps the order of JavaScript's strings and what begins with what", () => {
  fc.assert(
    fc.property(anyText, anyText, (one, two) => {
      expect(sortableText(one) < sortableText(two)).toBe(one < two);
      expect(sortableText(one).startsWith(sortableText(two))).toBe(one.startsWith(two));
      expect(fromSortableText(sortableText(one))).toBe(one);
    }),
  );
});
