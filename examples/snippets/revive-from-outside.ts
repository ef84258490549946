import { createGuard } from "burnrate";

const guard = createGuard();
await guard.budgets(); // kills() lists what was read by now
for (const { id, target, reason } of guard.kills()) console.log(id, target, reason);
await guard.revive(process.argv[2] ?? "", { reason: "fixed", by: "on-call" });
await guard.close();
