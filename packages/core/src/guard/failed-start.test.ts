import { expect, it } from "vitest";
import { createGuard, type Exporter, type GuardOptions } from "../index.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { setUp } from "./test-fixture.ts";

const fail = (): never => {
  throw new Error("out of order");
};

it.each<[string, (heard: string[]) => GuardOptions]>([
  [
    "a kill source",
    (heard) => ({
      killSources: [
        { name: "good", watch: () => () => heard.push("stopped") },
        { name: "bad", watch: fail },
      ],
    }),
  ],
  [
    "an exporter",
    (heard) => {
      const exporter: Exporter = { name: "x", exportCall: () => {} };
      const detach = (): void => void heard.push("stopped");
      return {
        exporters: [
          { ...exporter, attach: () => {}, detach },
          { ...exporter, attach: fail },
        ],
      };
    },
  ],
])("a guard that %s keeps from being made leaves nothing behind", async (_, optionsFor) => {
  const database = new SlowDatabase();
  const store = database.connect();
  const heard: string[] = [];
  const close = (): void => void heard.push("store closed");
  const shared = { ...store, ledger: { ...store.ledger, close } };
  const listeners = process.listenerCount("beforeExit");
  expect(() => createGuard({ store: shared, ...optionsFor(heard) })).toThrow("out of order");
  expect(heard).toEqual(["stopped"]);
  expect(process.listenerCount("beforeExit")).toBe(listeners);
  const { guard } = setUp({ store: shared, budgets: ["$1/day"] });
  await guard.budgets();
  expect(await store.fleet.living()).toHaveLength(1);
  await guard.close();
  expect(heard).toEqual(["stopped", "store closed"]);
});
