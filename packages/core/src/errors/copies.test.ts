import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as adapter from "../adapter.ts";
import * as core from "../index.ts";

type Core = typeof core;
type Adapter = typeof adapter;

const WHY = { reason: "test", by: "me" };
let folder: string;
let other: Core;
let otherAdapter: Adapter;

/** A second installation: the same files at another place, which share no module with the first. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "burnrate-copy-"));
  const source = fileURLToPath(new URL("..", import.meta.url));
  await cp(source, folder, { recursive: true, filter: (path) => !path.endsWith(".test.ts") });
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const load = (file: string): Promise<unknown> =>
    import(/* @vite-ignore */ pathToFileURL(join(folder, file)).href);
  other = (await load("index.ts")) as Core;
  otherAdapter = (await load("adapter.ts")) as Adapter;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("two copies of the package", () => {
  it("are two indeed", () => {
    expect(other.GuardError).not.toBe(core.GuardError);
    expect(otherAdapter.withClaim).not.toBe(adapter.withClaim);
  });

  it("recognise each other's errors, also inside what a framework made of them", async () => {
    const guard = other.createGuard({ budgets: ["1 call"] });
    await guard.kill("everything", WHY);
    const error = await guard.begin({ kind: "model", name: "m" }).catch((e: unknown) => e);
    expect(error).not.toBeInstanceOf(core.GuardError);
    expect(core.isGuardError(error)).toBe(true);
    expect(core.findGuardError(new AggregateError([{ cause: error }]))?.code).toBe("BR1001");
    const mine = new core.ConfigError({ message: "x" });
    expect(other.findGuardError({ lastError: mine })).toBe(mine);
  });

  it("share the context, across awaits", async () => {
    const here = core.createGuard();
    const there = other.createGuard();
    await here.with({ org: "acme", agent: "planner" }, async () => {
      await Promise.resolve();
      expect(there.context()).toEqual({ org: "acme", agent: "planner" });
      await there.with({ agent: "reader" }, async () => {
        expect(here.context().agent).toBe("planner/reader");
      });
      expect(() => there.with({ org: "other" }, () => 1)).toThrow(/BR9001/);
    });
    expect(there.context()).toEqual({});
  });

  it("count a call in a task of the other on that task's budget", async () => {
    const here = core.createGuard();
    const there = other.createGuard({ budgets: ["1 call/task"] });
    await here.task({ name: "refund" }, async (task) => {
      expect(there.context().task).toBe(task.id);
      await (await there.begin({ kind: "tool", name: "a" })).settle();
      const second = there.begin({ kind: "tool", name: "b" });
      await expect(second).rejects.toMatchObject({ code: "BR2001" });
    });
    const [account] = (await there.budgets()).filter(({ settled }) => settled > 0);
    expect(account?.key).toMatch(/^task=/);
  });

  it("know the other's evaluators as evaluators, and do not judge them", async () => {
    let runs = 0;
    const there = other.createGuard({
      evaluators: [{ name: "n", on: "tool", evaluate: () => ({ passed: runs++ >= 0 }) }],
    });
    const here = core.createGuard({
      evaluators: [
        {
          name: "judge",
          on: "tool",
          async evaluate() {
            await there.run({ kind: "tool", name: "x" }, () => ({ value: 1, output: 1 }));
            return { passed: true };
          },
        },
      ],
    });
    await here.run({ kind: "tool", name: "y" }, () => ({ value: 1, output: 1 }));
    expect(runs).toBe(0);
  });

  it("join claims, so that hooks of two copies count a call once", async () => {
    const guard = core.createGuard();
    const permit = await guard.begin({ kind: "model", name: "m" });
    const key = { guard, kind: "model", name: "m" } as const;
    await adapter.withClaim(key, permit, async () => {
      await Promise.resolve();
      expect(otherAdapter.takeClaim({ ...key, name: "other" })).toBeUndefined();
      expect(otherAdapter.takeClaim(key)).toBe(permit);
      expect(adapter.takeClaim(key)).toBeUndefined();
    });
    await otherAdapter.withClaim(key, permit, async () => {
      expect(adapter.withoutClaim(() => otherAdapter.takeClaim(key))).toBeUndefined();
      expect(adapter.takeClaim(key)).toBe(permit);
    });
  });

  it("take each other's stores: one ledger and one kill log for both", async () => {
    const store = core.createMemoryStore();
    const here = core.createGuard({ store, budgets: ["1 call"] });
    const there = other.createGuard({ store, budgets: ["1 call"] });
    await (await here.begin({ kind: "tool", name: "a" })).settle();
    const refused = there.begin({ kind: "tool", name: "a" });
    await expect(refused).rejects.toMatchObject({ code: "BR2001" });
    await there.kill("everything", WHY);
    await expect(here.begin({ kind: "tool", name: "a" })).rejects.toMatchObject({ code: "BR1001" });
  });
});
