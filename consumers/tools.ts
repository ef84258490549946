import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "./command.ts";

/** An installed TypeScript. */
export interface Compiler {
  readonly name: string;
  readonly path: string;
  /** Whether it can be asked from JavaScript: from 7 on it is a program of its own. */
  readonly hasInterface: boolean;
}

/** A Node, by its path. */
export interface Runtime {
  readonly name: string;
  readonly path: string;
}

/** What consumers are compiled with and run on. */
export interface Tools {
  readonly compilers: readonly Compiler[];
  readonly runtimes: readonly Runtime[];
}

/** The versions of TypeScript that our declarations must compile with. */
const COMPILERS = ["5.9", "6.0", "7.0"];
/** The oldest Node that our packages run on. */
const OLDEST_NODE = "22.18.0";

/** Installs the compilers and the oldest Node; the newest Node is the one that runs this. */
export async function installTools(folder: string): Promise<Tools> {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const node = `node-${platform}-${process.arch}`;
  const compilers = COMPILERS.map((version) => [
    `typescript-${version}`,
    `npm:typescript@~${version}`,
  ]);
  mkdirSync(folder);
  const manifest = {
    private: true,
    dependencies: { ...Object.fromEntries(compilers), [node]: OLDEST_NODE },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "pnpm-workspace.yaml"), "{}\n");
  await mustRun("pnpm", ["install", "--prefer-offline", "--no-frozen-lockfile"], folder);
  const installed = (path: string): string => join(folder, "node_modules", path);
  return {
    compilers: COMPILERS.map((version) => ({
      name: `TS ${version}`,
      path: installed(`typescript-${version}`),
      hasInterface: Number.parseInt(version, 10) < 7,
    })),
    runtimes: [
      { name: `Node ${OLDEST_NODE}`, path: installed(`${node}/bin/node`) },
      { name: `Node ${process.versions.node}`, path: process.execPath },
    ],
  };
}
