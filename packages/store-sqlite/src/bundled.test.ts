import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "tsup";
import { onTestFinished, test } from "vitest";

/** An application in one file, with the store in it. */
async function bundle(format: "cjs" | "esm"): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "burnrate-bundled-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const entry = join(folder, "entry.ts");
  const store = fileURLToPath(new URL("./sqlite-store.ts", import.meta.url));
  const path = join(folder, "state.db");
  writeFileSync(
    entry,
    `import { sqliteStore } from ${JSON.stringify(store)};
     export const opening = async () => sqliteStore({ path: ${JSON.stringify(path)} }).ledger.ready();`,
  );
  const extension = format === "cjs" ? ".cjs" : ".mjs";
  await build({
    ...{ entry: [entry], format, outDir: folder, noExternal: [/./] },
    ...{ config: false, clean: false, silent: true },
    outExtension: () => ({ js: extension }),
    esbuildOptions: (esbuild) => {
      esbuild.conditions = ["@burnrate/source"];
      esbuild.logLevel = "silent"; // about `import.meta` in CommonJS, which is what is tested
    },
  });
  return join(folder, `entry${extension}`);
}

test.each(["cjs", "esm"] as const)(
  "a bundle (%s) that holds the store is told to leave it out",
  async (format) => {
    const { opening } = await import(pathToFileURL(await bundle(format)).href);
    await assert.rejects(
      opening(),
      /BR8001.*mark "@burnrate\/store-sqlite" as external in the bundler, or "burnrate"/,
    );
  },
);
