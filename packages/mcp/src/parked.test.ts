import { expect, test } from "vitest";
import { createParked } from "./parked.ts";

test("calls that wait are found by what the client names, the oldest first", () => {
  const parked = createParked<string>();
  parked.add("a", "first");
  parked.add("a", "second");
  parked.add("b", "third");
  expect(parked.get("a")).toBe("first");
  parked.remove("a", "first");
  expect([parked.get("a"), parked.get("b"), parked.get("c")]).toEqual([
    "second",
    "third",
    undefined,
  ]);
  expect(parked.values()).toEqual(["second", "third"]);
});

test("at most a thousand wait: the oldest makes room and is given back", () => {
  const parked = createParked<number>();
  const evicted = Array.from({ length: 1_003 }, (_, call) => parked.add(`call ${call}`, call));
  expect(evicted.filter((call) => call !== undefined)).toEqual([0, 1, 2]);
  expect(parked.values()).toHaveLength(1_000);
  parked.remove("call 1", 1);
  expect(parked.add("one more", 2_000)).toBe(3);
});
