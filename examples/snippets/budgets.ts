import { createGuard } from "burnrate";

const guard = createGuard({
  budgets: [
    "$5/day",
    "$0.50/task",
    "$100/month per org",
    "200k tokens/hour per user",
    {
      id: "opus",
      match: { model: "claude-opus-*" },
      limit: { usd: 20 },
      window: { calendar: "day", timeZone: "Europe/Berlin" },
    },
  ],
});

await guard.setBudget("opus", { limit: { usd: 30 } }, { reason: "release day", by: "ada" });
for (const { id, key, remaining, state } of await guard.budgets()) {
  console.log(id, key, remaining, state); // money in nano-dollars
}
