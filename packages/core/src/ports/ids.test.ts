import { expect, test } from "vitest";
import { createIds } from "./ids.ts";

test("identifiers of two processes differ, also where the counter gets another digit", () => {
  const processes = [createIds(), createIds()];
  const made = processes.flatMap((ids) => Array.from({ length: 50_000 }, () => ids.next()));
  expect(new Set(made).size).toBe(100_000);
});

test("an identifier can be handed to a command line as it is", () => {
  const ids = createIds();
  for (let count = 0; count < 50_000; count += 1) {
    if (!/^[0-9a-f]{16}-[0-9a-z]{3,4}$/.test(ids.next())) expect.fail("an option, or quoted");
  }
});
