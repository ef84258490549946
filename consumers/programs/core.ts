import { strictEqual } from "node:assert/strict";
import { createGuard } from "@burnrate/core";
import { compileGlob } from "@burnrate/core/adapter";
import { createFakeClock, startFakeProvider } from "@burnrate/core/testing";

const provider = await startFakeProvider();
const clock = createFakeClock();
const guard = createGuard({ budgets: ["2 calls/day"], clock });
const permit = await guard.begin({ kind: "tool", name: "search", input: provider.url });
permit.dispatched();
const record = await permit.settle({ output: "found" });
strictEqual(record.name, "search");
strictEqual(compileGlob("sea*")(record.name), true);
await guard.close();
await provider.close();
