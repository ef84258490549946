import { guard } from "./guard.ts";

await guard.reconcile([{ budget: "$5/day", spent: { usd: 1.27 } }], {
  reason: "provider's dashboard, 21 November",
  by: "on-call",
});
