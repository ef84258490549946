import { createGuard, fileJournal } from "burnrate";

const guard = createGuard({ budgets: ["$5/day"], journal: fileJournal() });

await guard.close();
