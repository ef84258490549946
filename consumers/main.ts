import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileAll } from "./compile.ts";
import { consumersOf } from "./consumer.ts";
import { packAll } from "./pack.ts";
import { printTable } from "./print-table.ts";
import { install } from "./project.ts";
import { start } from "./start.ts";
import { installTools } from "./tools.ts";

/**
 * Installs the packed packages into projects outside of the workspace, each with its own framework
 * only, compiles a strict program against their declarations and runs it with plain Node.
 * `pnpm consumers [part of a name]`, after `pnpm build`.
 */
const [, , part = ""] = process.argv;
const folder = mkdtempSync(join(tmpdir(), "burnrate-consumers-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
for (const each of ["tarballs", "projects"]) mkdirSync(join(folder, each));

/** Two at a time: a pair of cores is kept busy, and the registry is not hurried. */
async function inPairs<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = all.entries();
  const worker = async (): Promise<void> => {
    for (const [index, one] of waiting) results[index] = await work(one);
  };
  await Promise.all([worker(), worker()]);
  return results;
}

const packages = await packAll(join(import.meta.dirname, ".."), join(folder, "tarballs"));
const tools = await installTools(join(folder, "tools"));
const consumers = consumersOf(packages).filter(({ name }) => name.includes(part));
const projects = consumers.map((consumer, index) => ({
  consumer,
  folder: join(folder, "projects", String(index)),
}));

const installs = await inPairs(projects, (project) => install(project, packages));
const installed = projects.filter((_, index) => installs[index]?.problem === undefined);
const compiled = await inPairs(tools.compilers, (compiler) => compileAll(compiler, installed));
const starts = installed.flatMap((project) =>
  tools.runtimes.map((runtime) => ({ runtime, project })),
);
const started = await inPairs(starts, ({ runtime, project }) => start(runtime, project));

const failed = printTable(consumers, [...installs, ...compiled.flat(), ...started]);
process.exitCode = failed > 0 ? 1 : 0;
