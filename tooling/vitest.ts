import { fileURLToPath } from "node:url";
import { defineProject, type UserWorkspaceConfig } from "vitest/config";

/** Of the processes that tests start: each needs a quarter of the processor's time to begin. */
const COMPILED = fileURLToPath(new URL("../node_modules/.cache/compiled/", import.meta.url));

/** What a package's tests need otherwise. */
export interface ProjectOptions {
  /** Where the tests are (default: everywhere in `src`). */
  readonly include?: string;
  /**
   * False where a dependency's `module` build is for bundlers and not for Node, as OpenTelemetry's.
   */
  readonly module?: boolean;
  /**
   * False where no test changes what a process has once, such as what can be imported: its files
   * then share their modules, which takes half of the time.
   */
  readonly isolate?: boolean;
  /** True where tests mostly wait for servers and other processes: three files run at once. */
  readonly waits?: boolean;
}

/** Every package: resolve siblings from source, run *.test.ts and type-check *.test-d.ts. */
export function project(
  name: string,
  {
    include = "src/**/*.test.ts",
    module = true,
    isolate = true,
    waits = false,
  }: ProjectOptions = {},
): UserWorkspaceConfig {
  const builds = module ? ["module", "node"] : ["node"];
  const conditions = ["@burnrate/source", ...builds, "development|production"];
  return defineProject({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: [include],
      isolate,
      maxWorkers: waits ? 3 : 2, // by default two cores run one
      sequence: { groupOrder: waits ? 1 : 0 }, // Vitest counts the workers of a group
      // Against what hangs, not against what is slow: a busy machine takes several times as long.
      testTimeout: waits ? 180_000 : 60_000,
      hookTimeout: 60_000,
      ...(waits && { env: { NODE_COMPILE_CACHE: COMPILED } }),
      typecheck: { enabled: true, include: ["src/**/*.test-d.ts"] },
    },
  });
}
