import { createGuard } from "burnrate";

const guard = createGuard();
await guard.budgets(); // a guard that was just made has not read the kill log yet
for (const { id, target, reason } of guard.kills()) console.log(id, target, reason);
await guard.revive(process.argv[2] ?? "", { reason: "fixed", by: "on-call" });
await guard.close();
