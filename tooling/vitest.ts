import { defineProject, type UserWorkspaceConfig } from "vitest/config";

/** Every package: resolve siblings from source, run *.test.ts and type-check *.test-d.ts. */
export function project(name: string): UserWorkspaceConfig {
  const conditions = ["@burnrate/source", "module", "node", "development|production"];
  return defineProject({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: ["src/**/*.test.ts"],
      typecheck: { enabled: true, include: ["src/**/*.test-d.ts"] },
    },
  });
}
