import { expect, it } from "vitest";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { checkKillSwitch } from "./check-kill-switch.ts";

it("asks nothing about the call when nothing is killed: one comparison", () => {
  const written: Record<string, unknown> = {};
  const nothing = new Proxy(written, { get: (_, key) => expect.fail(`${String(key)} was read`) });
  const killSwitch = { version: 7, size: 0, covers: () => expect.fail("kills were looked at") };
  const guard = { killSwitch } as unknown as GuardRuntime;
  expect(checkKillSwitch(nothing as unknown as GuardedCall, guard)).toBeUndefined();
  expect(written).toEqual({ killVersion: 7 });
});
