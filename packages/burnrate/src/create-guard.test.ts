import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGuard, isGuardError, sqliteStore } from "./index.ts";

it("prices a known model without being handed prices", async () => {
  const guard = createGuard({ budgets: ["$1/day"], store: "memory" });
  const permit = await guard.begin({
    kind: "model",
    provider: "openai",
    name: "gpt-5-mini",
    estimate: { inputTokens: 1_000, maxOutputTokens: 1_000 },
  });
  permit.dispatched();
  const record = await permit.settle({ usage: { inputTokens: 1_000, outputTokens: 100 } });
  expect(record.costNanoUsd).toBe(1_000 * 250 + 100 * 2_000);
  expect(record.priceVersion).toBeTruthy();
});

it("refuses a model without a price while a money budget applies", async () => {
  const guard = createGuard({ budgets: ["$1/day"], store: "memory" });
  const refused = await guard
    .begin({ kind: "model", provider: "openai", name: "gpt-99-turbo" })
    .catch((error: unknown) => error);
  expect(isGuardError(refused) && refused.code).toBe("BR2002");
});

it("refuses what holds no options, such as those that nobody awaited", () => {
  class Settings {
    get budgets(): string[] {
      return ["$1/day"];
    }
  }
  const trapped = {
    get budgets(): string[] {
      throw new Error("secret");
    },
  };
  for (const given of [Promise.resolve({}), new Map(), new Settings(), trapped, [], null]) {
    expect(() => createGuard(given as never)).toThrow(/^BR9001 createGuard must be an object/);
  }
});

describe("without a store of its own", () => {
  let folder = "";
  const home = process.cwd();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "burnrate-"));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  });

  it("remembers budgets and kills over a restart, in a file that is nobody else's to read", async () => {
    const request = { kind: "tool", name: "search" } as const;
    const first = createGuard({ budgets: ["2 calls/day"] });
    await first.run(request, () => ({ value: undefined }));
    await first.kill({ tool: "shell" }, { reason: "deletes files", by: "on-call" });
    await first.close();
    const second = createGuard({ budgets: ["2 calls/day"] });
    expect((await second.budgets())[0]).toMatchObject({ settled: 1, held: 0, leased: 0 });
    const shell = second.begin({ kind: "tool", name: "shell" });
    await expect(shell).rejects.toMatchObject({ code: "BR1001" });
    await second.run(request, () => ({ value: undefined }));
    await expect(second.begin(request)).rejects.toMatchObject({ code: "BR2001" });
    await second.close();
    expect(statSync(join(folder, ".burnrate/state.db")).mode & 0o777).toBe(0o600);
  });

  it("loses no more than what was in flight when it is killed", async () => {
    const crash = `
      import { createGuard } from "${new URL("./index.ts", import.meta.url).href}";
      const guard = createGuard({ budgets: ["100 calls/day"] });
      const request = { kind: "tool", name: "search" };
      for (let call = 0; call < 5; call++) await guard.run(request, () => ({ value: undefined }));
      (await guard.begin(request)).dispatched();
      process.kill(process.pid, "SIGKILL");`;
    const args = ["--conditions=@burnrate/source", "--input-type=module", "--eval", crash];
    expect(() => execFileSync(process.execPath, args, { cwd: folder })).toThrow("SIGKILL");
    const guard = createGuard({ budgets: ["100 calls/day"] });
    const known = { settled: 5, unknown: 1, held: 0, leased: 0 };
    expect((await guard.budgets())[0]).toMatchObject(known);
    await guard.close();
    expect(readdirSync(join(folder, ".burnrate/journal"))).toEqual([]);
  });

  it.each([
    ["told to keep none", () => ({ journal: "none" }) as const],
    ["given a store", () => ({ store: sqliteStore({ path: join(folder, "other.db") }) })],
  ])("keeps no journal when it is %s", async (_, given) => {
    const guard = createGuard({ budgets: ["100 calls/day"], ...given() });
    await guard.run({ kind: "tool", name: "search" }, () => ({ value: undefined }));
    expect(existsSync(join(folder, ".burnrate/journal"))).toBe(false);
    await guard.close();
  });

  it("can revive and change limits before anything else, as a command does", async () => {
    const why = { reason: "fixed", by: "on-call" };
    const first = createGuard({ budgets: ["2 calls/day"] });
    const { id } = await first.kill("everything", why);
    await first.setBudget("2 calls/day", { limit: { calls: 3 } }, why);
    await first.close();
    const changes: unknown[] = [];
    const second = createGuard({ budgets: ["2 calls/day"] });
    second.on("budget-changed", ({ from, to }) => changes.push([from, to]));
    await second.setBudget("2 calls/day", { limit: { calls: 4 } }, why);
    await second.close();
    const third = createGuard({ budgets: ["2 calls/day"] });
    await third.revive(id, why);
    await third.run({ kind: "tool", name: "search" }, () => ({ value: undefined }));
    await third.close();
    expect(changes.at(-1)).toEqual([3, 4]);
  });
});

describe("the kill file", () => {
  /** Makes guards as a daemon does, which goes to another folder first. */
  const daemon = `
    import { mkdirSync, rmSync, writeFileSync } from "node:fs";
    import { createGuard } from "${new URL("./index.ts", import.meta.url).href}";
    process.chdir("elsewhere");
    for (const place of [undefined, "../.burnrate", ".burnrate"]) {
      if (place) mkdirSync(place);
      if (place) writeFileSync(place + "/kill", "");
      const guard = createGuard({ store: "memory" });
      const asked = guard.begin({ kind: "tool", name: "search" });
      console.log(await asked.then((permit) => permit.release().then(() => "free"), ({ code }) => code));
      await guard.close();
      if (place) rmSync(place, { recursive: true });
    }`;

  it("stops a process where it was started, and where it makes its guard", () => {
    const folder = mkdtempSync(join(tmpdir(), "burnrate-"));
    try {
      mkdirSync(join(folder, "elsewhere"));
      const args = ["--conditions=@burnrate/source", "--input-type=module", "--eval", daemon];
      const told = execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
      expect(told.trim().split("\n")).toEqual(["free", "BR1001", "BR1001"]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
