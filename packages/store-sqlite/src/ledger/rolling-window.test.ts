import { strict as assert } from "node:assert";
import fc from "fast-check";
import { test } from "vitest";
import { RollingWindow } from "./rolling-window.ts";

const SHAPE = { kind: "rolling", lengthMs: 60, sliceMs: 10 } as const;

const steps = fc.array(
  fc.record({
    atMs: fc.nat(400),
    amount: fc.nat(50),
    kind: fc.constantFrom("settled", "unknown"),
    save: fc.boolean(),
  }),
);

test("a rolling window counts what was charged within its length, saved and read or not", () => {
  fc.assert(
    fc.property(steps, (charged) => {
      let window = new RollingWindow(SHAPE);
      let newest = Number.NEGATIVE_INFINITY;
      const charges: { slice: number; amount: number; kind: string }[] = [];
      for (const { atMs, amount, kind, save } of charged) {
        newest = Math.max(newest, Math.floor(atMs / SHAPE.sliceMs));
        const slotMs = window.slotAt(atMs);
        assert.equal(slotMs, newest * SHAPE.sliceMs, "never before the newest slice");
        if (kind === "settled") window.settle(amount, slotMs);
        else window.addUnknown(amount, slotMs);
        charges.push({ slice: newest, amount, kind });
        if (save) window = RollingWindow.parse(window.toText());
        for (const one of ["settled", "unknown"] as const) {
          const sum = charges
            .filter((line) => line.kind === one && line.slice > newest - 7)
            .reduce((total, line) => total + line.amount, 0);
          assert.equal(window[one], sum);
        }
      }
    }),
  );
});

test("a window of another length keeps what was charged at least as long", () => {
  const window = new RollingWindow(SHAPE);
  window.settle(7, window.slotAt(105));
  window.addUnknown(3, window.slotAt(105));
  const shorter = window.reshaped({ kind: "rolling", lengthMs: 20, sliceMs: 2 });
  shorter.advance(129);
  assert.deepEqual([shorter.settled, shorter.unknown], [7, 3]);
  shorter.advance(140);
  assert.deepEqual([shorter.settled, shorter.unknown], [0, 0]);
});

test("a correction takes no more off a slice than is there", () => {
  const window = new RollingWindow(SHAPE);
  const slotMs = window.slotAt(100);
  window.addUnknown(5, slotMs);
  window.addUnknown(-9, slotMs);
  assert.equal(window.unknown, 0);
  window.advance(300);
  window.addUnknown(5, slotMs);
  assert.equal(window.unknown, 0, "what has left counts nowhere");
});
