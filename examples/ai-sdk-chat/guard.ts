import { createGuard, type Guard } from "burnrate";

/** One guard for the process; each user may spend 0.18 cents a day. */
export const guard: Guard = createGuard({ budgets: ["$0.0018/day per user"], store: "memory" });
