import { createGuard, findGuardError } from "burnrate";

const guard = createGuard({
  limits: [
    "60/minute per user",
    "4 at once per agent",
    "200 calls per session",
    "20 steps per task",
    { calls: 10, per: ["session", "tool"], match: { tool: "send_*" }, ttlMs: 3_600_000 },
    { id: "opus", rate: { calls: 30, per: "minute", burst: 5 }, match: { model: "claude-opus-*" } },
  ],
});

try {
  await guard.run({ kind: "tool", name: "search" }, async () => ({ value: "" }));
} catch (error) {
  const refusal = findGuardError(error);
  if (refusal?.code === "BR4001") console.warn("again in", refusal.details["retryAfterMs"], "ms");
}

const strict = createGuard({
  limits: {
    rules: ["20 steps per task"],
    maxDelegationDepth: 4,
    repeatedToolCall: { alertAt: 5, refuseAt: 10 },
  },
});

strict.on("loop-detected", ({ name, count, task }) => console.warn(name, count, task));
