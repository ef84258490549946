import { createGuard, findGuardError } from "burnrate";

const guard = createGuard({
  policy: {
    decide: ({ name, context }) =>
      name.startsWith("delete_") && context.team !== "operations"
        ? { outcome: "deny", ruleId: "no-deletes", reason: "only operations deletes" }
        : { outcome: "allow" },
  },
  authorize: ({ action, by }) => action !== "set-budget" || by === "finance",
  audit: { append: (entry) => console.log(JSON.stringify(entry)) },
});

try {
  await guard.run({ kind: "tool", name: "delete_user" }, () => ({ value: "gone" }));
} catch (error) {
  console.warn(findGuardError(error)?.details); // { outcome: "deny", ruleId: "no-deletes" }
}
