import { strictEqual } from "node:assert/strict";
import { existsSync } from "node:fs";
import { createGuard, findGuardError, sqliteStore } from "burnrate";

const path = `state-of-${process.version}.db`;
const first = createGuard({ budgets: ["10 calls/day"], store: sqliteStore({ path }) });
await first.run({ kind: "tool", name: "search" }, async () => ({ value: "found" }));
await first.kill({ tool: "search" }, { reason: "the check is over", by: "consumer" });
await first.close();
strictEqual(existsSync(path), true);

const second = createGuard({ budgets: ["10 calls/day"], store: sqliteStore({ path }) });
const again = second.run({ kind: "tool", name: "search" }, async () => ({ value: "found" }));
strictEqual(findGuardError(await again.catch((error: unknown) => error))?.code, "BR1001");
strictEqual((await second.budgets())[0]?.settled, 1);
await second.close();
