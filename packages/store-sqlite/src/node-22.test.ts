import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, test } from "vitest";
import { findNode22, NO_NODE_22 } from "./testing/node-22.ts";

const run = promisify(execFile);
const node = findNode22();

describe.skipIf(node === undefined)(node === undefined ? NO_NODE_22 : "on Node 22", () => {
  test("the store does on better-sqlite3 all that a store must do", async () => {
    const script = fileURLToPath(new URL("./testing/contract-on-node.ts", import.meta.url));
    const flags = ["--conditions=@burnrate/source", "--test-reporter=tap", script];
    const { stdout } = await run(node ?? "", flags, { maxBuffer: 64 * 1024 * 1024 });
    const figure = (name: string): number => {
      return Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(stdout)?.[1]);
    };
    assert.ok(figure("pass") > 150, `${figure("pass")} cases passed`);
    assert.deepEqual(["fail", "cancelled", "skipped"].map(figure), [0, 0, 0]);
  }, 300_000);
});
