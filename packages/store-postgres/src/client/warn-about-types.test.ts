import { strict as assert } from "node:assert";
import { once } from "node:events";
import postgres from "postgres";
import { test } from "vitest";
import { postgresStore } from "../postgres-store.ts";

const URL = "postgres://nobody@127.0.0.1:9/none";

test("an instance of postgres.js that looks up types is warned of, once a process", async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error): number => warnings.push(warning);
  process.on("warning", listen);
  try {
    postgresStore({ pool: postgres(URL, { fetch_types: false }) });
    const warned = once(process, "warning");
    postgresStore({ pool: postgres(URL) });
    await warned;
    postgresStore({ pool: postgres(URL) });
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("warning", listen);
  }
  assert.deepEqual(
    warnings.map(({ name }) => name),
    ["BurnrateWarning"],
  );
  assert.match(warnings[0]?.message ?? "", /fetch_types: false/);
});
