import { createGuard, findGuardError } from "burnrate";

const guard = createGuard({
  breaker: {
    slowCallMs: 60_000,
    idempotentTools: ["get_*", "search"],
    fallbacks: { "openai/gpt-5": "anthropic/claude-sonnet-4-5" },
  },
});

guard.on("circuit-opened", ({ key, why, retryAtMs }) => console.warn(key, why, retryAtMs));

try {
  await guard.run({ kind: "model", provider: "openai", name: "gpt-5" }, async () => ({
    value: "",
  }));
} catch (error) {
  const refusal = findGuardError(error);
  if (refusal?.code === "BR5001") console.warn("use instead:", refusal.details["fallback"]);
}

for (const { key, state, why } of guard.circuits()) console.log(key, state, why);

await guard.breaker.forceOpen("openai/*", {
  reason: "incident 4711",
  by: "on-call",
  ttlMs: 30 * 60_000,
});
await guard.breaker.reset("openai/*", { reason: "provider is well", by: "on-call" });
