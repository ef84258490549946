import { expect, it } from "vitest";
import type { AccountRef } from "../index.ts";
import { LocalAccounts } from "./local-accounts.ts";

function taskAccount(task: string): AccountRef {
  const window = { kind: "fixed", startsAtMs: 0, endsAtMs: Number.POSITIVE_INFINITY } as const;
  const common = { windowKey: task, window, unit: "usd", limit: 100, limitVersion: 1 } as const;
  return { key: `b|task=${task}`, ...common, org: "acme", ephemeral: true };
}

it("forgets tasks that got no lease, so that there is always room for those that come", () => {
  const accounts = new LocalAccounts();
  for (let task = 0; task < 100; task++) {
    const account = accounts.open(taskAccount(`t-${task}`));
    if (account !== undefined) account.exactUntilMs = 1_000;
  }
  accounts.dropIdle(999);
  expect(accounts.size).toBe(100);
  accounts.dropIdle(1_000);
  expect(accounts.size).toBe(0);
});

it("keeps an account that is waited for, or that let calls through during an outage", () => {
  const accounts = new LocalAccounts();
  const [asking, allowed] = ["asking", "allowed"].map((task) => accounts.open(taskAccount(task)));
  if (asking !== undefined) asking.waiting = 1;
  if (allowed !== undefined) allowed.allowed = 1;
  accounts.dropIdle(0);
  expect([...accounts]).toEqual([asking, allowed]);
});
