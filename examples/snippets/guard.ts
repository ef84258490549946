import { createGuard } from "burnrate";

export const guard = createGuard({ budgets: ["$5/day", "$0.50/task"] });
