import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.ts";
import type { Consumer } from "./consumer.ts";
import type { Finding } from "./finding.ts";
import type { PackedPackage } from "./pack.ts";

/** How the two usual kinds of project compile: a program for Node, and one that a bundler takes. */
const COMPILER_OPTIONS = {
  nodenext: { module: "nodenext", lib: ["es2023"], exactOptionalPropertyTypes: true },
  bundler: { module: "esnext", moduleResolution: "bundler", lib: ["es2023", "dom"] },
};

/** A way to resolve modules. */
export type Resolution = keyof typeof COMPILER_OPTIONS;
/** Every way that is checked. */
export const RESOLUTIONS: readonly Resolution[] = ["nodenext", "bundler"];

/** A consumer, made real in a folder. */
export interface Project {
  readonly consumer: Consumer;
  readonly folder: string;
}

/** Makes a project outside of the workspace, and installs what it names and nothing else. */
export async function install(
  { consumer, folder }: Project,
  packages: readonly PackedPackage[],
): Promise<Finding> {
  const finding = { consumer: consumer.name, tried: "install" };
  const unbuilt = packages.filter(({ name, tarball }) => !tarball && consumer.ours.includes(name));
  if (unbuilt.length > 0) return { ...finding, problem: "not built: run pnpm build first" };
  mkdirSync(folder);
  const ours = Object.fromEntries(consumer.ours.map((name) => [name, "*"]));
  const write = (file: string, content: object): void =>
    writeFileSync(join(folder, file), JSON.stringify(content, null, 2));
  write("package.json", {
    private: true,
    type: "module",
    dependencies: { ...consumer.theirs, ...ours },
  });
  const built = packages.filter(({ tarball }) => tarball !== undefined);
  const tarballs = built.map(({ name, tarball }) => [name, `file:${tarball}`]);
  // JSON is YAML, too.
  write("pnpm-workspace.yaml", { overrides: Object.fromEntries(tarballs) });
  for (const resolution of RESOLUTIONS) {
    write(`tsconfig.${resolution}.json`, tsconfig(consumer, resolution));
  }
  writeFileSync(join(folder, "main.ts"), programOf(consumer));
  const given = ["install", "--prefer-offline", "--no-frozen-lockfile"];
  const { succeeded, output } = await run("pnpm", given, folder);
  if (!succeeded) return { ...finding, problem: output };
  const guests = uninvited({ consumer, folder }, packages);
  if (guests.length === 0) return finding;
  return { ...finding, problem: `installed though not named: ${guests.join(", ")}` };
}

function programOf({ program, ours }: Consumer): string {
  if (program !== undefined) {
    return readFileSync(join(import.meta.dirname, "programs", program), "utf8");
  }
  return ours.map((name, index) => `export * as all${index} from "${name}";\n`).join("");
}

function tsconfig(consumer: Consumer, resolution: Resolution): object {
  const hasNodeTypes = "@types/node" in consumer.theirs;
  return {
    compilerOptions: {
      ...COMPILER_OPTIONS[resolution],
      target: "es2023",
      ...(hasNodeTypes ? { types: ["node"] } : { types: [], lib: ["es2023", "dom"] }),
      strict: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      skipLibCheck: false,
      noEmit: true,
    },
    files: ["main.ts"],
  };
}

/** What our packages may find but need not, and was installed though it should be missing here. */
function uninvited({ consumer, folder }: Project, packages: readonly PackedPackage[]): string[] {
  const isInstalled = (name: string): boolean =>
    existsSync(join(folder, "node_modules/.pnpm/node_modules", name));
  const ours = packages.filter(({ name }) => consumer.ours.includes(name) || isInstalled(name));
  const peers = new Set(ours.flatMap((each) => each.peers));
  return [...peers].filter((peer) => !(peer in consumer.theirs) && isInstalled(peer));
}
