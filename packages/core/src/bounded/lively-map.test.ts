import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LivelyMap } from "./lively-map.ts";

describe("a map for entries that come and go", () => {
  it("holds what a plain map holds, in whatever order entries come and go", () => {
    const key = fc.constantFrom("a", "b", "c", "d");
    const step = fc.record({ add: fc.boolean(), key, value: fc.nat() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const lively = new LivelyMap<number>();
        const plain = new Map<string, number>();
        for (const { add, key, value } of steps) {
          if (!add) {
            lively.delete(key);
            plain.delete(key);
          } else if (!plain.has(key)) {
            lively.add(key, value);
            plain.set(key, value);
          }
          expect(lively.size).toBe(plain.size);
          for (const name of ["a", "b", "c", "d"]) {
            expect([lively.has(name), lively.get(name)]).toEqual([
              plain.has(name),
              plain.get(name),
            ]);
          }
        }
      }),
    );
  });
});
