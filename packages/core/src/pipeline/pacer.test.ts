import { expect, it } from "vitest";
import { Pacer } from "./pacer.ts";

it("a call gives back what it took of the pace, also when later ones go slower", () => {
  const pacer = new Pacer();
  pacer.take(10, 1, 0);
  pacer.take(1, 1_000, 10);
  expect(pacer.delayMs(10)).toBe(1_000);
  pacer.giveBack(10, 1, pacer.round);
  expect(pacer.delayMs(10)).toBe(990);
});
