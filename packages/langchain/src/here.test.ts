import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { Here } from "./here.ts";

const place = new AsyncLocalStorage<string>();

test("runs where it was made, whoever asks, again and again, in the order of asking", async () => {
  const here = place.run("sent from", () => new Here());
  const ran: string[] = [];
  const ask = (name: string) =>
    here.run(async () => {
      ran.push(name);
      return `${name} ${place.getStore()}`;
    });
  const asked = place.run("a queue", () => Promise.all([ask("first"), ask("second")]));
  expect(await asked).toEqual(["first sent from", "second sent from"]);
  await setImmediate();
  expect(await place.run("elsewhere", () => ask("third"))).toBe("third sent from");
  expect(ran).toEqual(["first", "second", "third"]);
  expect(place.getStore()).toBeUndefined();
});

test("what fails there fails for who asked, and nobody else", async () => {
  const here = new Here();
  const failed = here.run(() => Promise.reject(new Error("refused")));
  await expect(failed).rejects.toThrow("refused");
  expect(await here.run(async () => "goes on")).toBe("goes on");
});
