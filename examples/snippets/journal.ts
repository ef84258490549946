import { createGuard, fileJournal, sqliteStore } from "burnrate";

const guard = createGuard({
  budgets: ["$5/day"],
  store: sqliteStore({ path: "/var/lib/app/state.db" }),
  journal: fileJournal("/var/lib/app/journal"),
});

await guard.close();
