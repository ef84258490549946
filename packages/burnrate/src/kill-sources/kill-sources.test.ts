import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SourcedKill } from "@burnrate/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createGuard, findGuardError, type Guard } from "../index.ts";
import { environmentKill } from "./environment-kill.ts";
import { fileKill } from "./file-kill.ts";
import { readKill } from "./read-kill.ts";

let folder = "";
let guards: Guard[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "burnrate-kill-"));
});

afterEach(async () => {
  await Promise.all(guards.map((guard) => guard.close()));
  guards = [];
  rmSync(folder, { recursive: true, force: true });
});

function watching(path: string): Guard {
  const guard = createGuard({ store: "memory", killSources: [fileKill(path)] });
  guards.push(guard);
  return guard;
}

async function isKilled(guard: Guard): Promise<boolean> {
  try {
    await (await guard.begin({ kind: "tool", name: "search" })).release();
    return false;
  } catch (error) {
    return findGuardError(error)?.code === "BR1001";
  }
}

describe("a kill file", () => {
  it("stops a process that starts while it exists", async () => {
    const path = join(folder, "kill");
    writeFileSync(path, "runaway agents\n");
    const guard = watching(path);
    expect(await isKilled(guard)).toBe(true);
    expect(guard.kills()[0]?.reason).toBe("runaway agents");
  });

  it("stops and frees a process that runs, also where the folder was not there before", async () => {
    const path = join(folder, "not-yet", "kill");
    const guard = watching(path);
    expect(await isKilled(guard)).toBe(false);
    mkdirSync(join(folder, "not-yet"));
    writeFileSync(path, "");
    await vi.waitFor(async () => expect(await isKilled(guard)).toBe(true), 3_000);
    rmSync(path);
    await vi.waitFor(async () => expect(await isKilled(guard)).toBe(false), 3_000);
  });

  it("is looked for where the process began, wherever it has gone since", async () => {
    const cwd = vi.spyOn(process, "cwd").mockReturnValue(folder);
    const guard = watching("kill");
    cwd.mockRestore();
    writeFileSync(join(folder, "kill"), "");
    await vi.waitFor(async () => expect(await isKilled(guard)).toBe(true), 3_000);
  });

  it("is seen though it comes at the very moment in which a process starts", async () => {
    const path = join(folder, "kill");
    const guard = watching(path);
    writeFileSync(path, "");
    await vi.waitFor(async () => expect(await isKilled(guard)).toBe(true), 3_000);
  });

  it("is watched once, however many guards a process has, and until the last is closed", async () => {
    const path = join(folder, "kill");
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const many = Array.from({ length: 12 }, () => watching(path));
    const [last] = many;
    for (const guard of many.slice(1)) await guard.close();
    writeFileSync(path, "");
    await vi.waitFor(async () => expect(await isKilled(last as Guard)).toBe(true), 3_000);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it("stops everything when it cannot be read", async () => {
    expect(await isKilled(watching(folder))).toBe(true); // a folder is no file
  });

  it.skipIf(process.platform === "win32")("stops everything when it is a pipe", async () => {
    const path = join(folder, "kill");
    execFileSync("sh", ["-c", 'mkfifo "$0"', path]);
    expect(await isKilled(watching(path))).toBe(true);
  });

  it("says more when it holds JSON", async () => {
    const path = join(folder, "kill");
    const kill = { target: { agent: "support" }, level: "stop", reason: "loops", by: "on-call" };
    writeFileSync(path, JSON.stringify(kill));
    const guard = watching(path);
    expect(await isKilled(guard)).toBe(false);
    expect(await guard.with({ agent: "support" }, () => isKilled(guard))).toBe(true);
    expect(guard.kills()).toMatchObject([kill]);
  });
});

describe("BURNRATE_KILL", () => {
  const killsOf = (value: string | undefined): readonly SourcedKill[] => {
    let seen: readonly SourcedKill[] = [];
    environmentKill(value === undefined ? {} : { BURNRATE_KILL: value }).watch((kills) => {
      seen = kills;
    });
    return seen;
  };

  it.each([[undefined], [""], ["0"], ["false"], ["OFF"]])("lets go on when it is %o", (value) => {
    expect(killsOf(value)).toEqual([]);
  });

  it.each([["1"], ["true"], ["everything"], ["incident 42"]])("stops everything at %o", (value) => {
    expect(killsOf(value)).toMatchObject([{ target: "everything", level: "abort" }]);
  });

  it("stops what its JSON names", () => {
    expect(killsOf('{"target":{"tool":"shell"}}')).toMatchObject([{ target: { tool: "shell" } }]);
  });
});

it.each([["{"], ['{"target":'], ["{]"]])(
  "text that was meant as JSON (%s) stops everything",
  (text) => {
    expect(readKill(text, "file", "id")).toMatchObject({ target: "everything", level: "abort" });
  },
);
