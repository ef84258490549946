import { join } from "node:path";
import { mustRun, run } from "./command.ts";
import type { Finding } from "./finding.ts";
import { type Project, RESOLUTIONS, type Resolution } from "./project.ts";
import type { Compiler } from "./tools.ts";

interface Compilation {
  readonly project: Project;
  readonly resolution: Resolution;
}

/** Where an error is; one without a place concerns the whole project. */
const ERROR_LINE = /^(?:(?<file>\S.*)\(\d+,\d+\): )?error TS\d+: /;

/** Compiles every project with one compiler, in every way to resolve modules. */
export async function compileAll(
  compiler: Compiler,
  projects: readonly Project[],
): Promise<Finding[]> {
  const compilations = projects.flatMap((project) =>
    RESOLUTIONS.map((resolution) => ({ project, resolution })),
  );
  return compiler.hasInterface
    ? diagnoseAll(compiler, compilations)
    : compileEach(compiler, compilations);
}

async function diagnoseAll(
  { name, path }: Compiler,
  compilations: readonly Compilation[],
): Promise<Finding[]> {
  const program = join(import.meta.dirname, "diagnose.ts");
  const output = await mustRun(process.execPath, [program, path, ...compilations.map(configOf)]);
  return output.split("\n").map((line, index) => {
    const problem = JSON.parse(line) as string;
    return { ...subject(name, compilations[index]), ...(problem === "" ? {} : { problem }) };
  });
}

/**
 * A compiler without such an interface checks everything: what is in files of others is only noted.
 */
async function compileEach(
  { name, path }: Compiler,
  compilations: readonly Compilation[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const compilation of compilations) {
    const given = [join(path, "bin/tsc"), "--pretty", "false", "-p", configOf(compilation)];
    const { succeeded, output } = await run(process.execPath, given, compilation.project.folder);
    findings.push({ ...subject(name, compilation), ...(succeeded ? {} : judge(output)) });
  }
  return findings;
}

function judge(output: string): Pick<Finding, "problem" | "note"> {
  const errors = output.split("\n").filter((line) => ERROR_LINE.test(line));
  if (errors.length === 0) return { problem: output };
  const places = errors.map((line) => packageOf(ERROR_LINE.exec(line)?.groups?.["file"] ?? ""));
  const ours = errors.filter((_, index) => isOurs(places[index]));
  if (ours.length > 0) return { problem: ours.join("\n") };
  const counts = Object.entries(Object.groupBy(places, (place) => place ?? ""));
  const others = counts.map(([name, found]) => `${name} (${found?.length})`);
  return { note: `errors in the declarations of ${others.join(", ")}` };
}

/** The package that a file belongs to; the project's own files belong to none. */
function packageOf(file: string): string | undefined {
  const [, ...installed] = file.split("node_modules/");
  return /^(?:@[^/]+\/)?[^/]+/.exec(installed.at(-1) ?? "")?.[0];
}

function isOurs(name: string | undefined): boolean {
  return name === undefined || name === "burnrate" || name.startsWith("@burnrate/");
}

function configOf({ project, resolution }: Compilation): string {
  return join(project.folder, `tsconfig.${resolution}.json`);
}

function subject(
  compiler: string,
  compilation: Compilation | undefined,
): Pick<Finding, "consumer" | "tried"> {
  return {
    consumer: compilation?.project.consumer.name ?? "",
    tried: `${compiler} ${compilation?.resolution}`,
  };
}
