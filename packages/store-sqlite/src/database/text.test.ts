import { strict as assert } from "node:assert";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { test } from "vitest";
import { decodeText, encodeText, LAST_CHARACTER } from "./text.ts";

/** Any sequence of 16-bit units, the awkward ones often. */
const texts = fc.string({
  unit: fc.oneof(
    fc.constantFrom("\0", "\ud800", "\udfff", "\ue000", "\ue000d83d", "\u{10ffff}", "🌙", "a"),
    fc.string({ unit: "binary", maxLength: 3 }),
    fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
  ),
});

test("any text comes back from SQLite as it was, and no two become one", () => {
  const database = new DatabaseSync(":memory:");
  const echo = database.prepare("SELECT ? AS text");
  fc.assert(
    fc.property(texts, (text) => {
      const stored = echo.get(encodeText(text))?.["text"];
      assert.equal(stored, encodeText(text));
      assert.equal(decodeText(String(stored)), text);
      assert.ok(!encodeText(text).includes(LAST_CHARACTER));
    }),
    { numRuns: 2_000 },
  );
  database.close();
});
