import { findGuardError } from "burnrate";
import { guard } from "./guard.ts";

guard.on("call-refused", ({ code, name, context }) => console.warn(code, name, context.agent));

try {
  await guard.task({ name: "refund", agent: "support", user: "u-9" }, async () => {
    // your agent
  });
} catch (error) {
  const refusal = findGuardError(error);
  if (refusal?.code === "BR2001") console.warn("out of budget", refusal.details);
}

const { id } = await guard.kill({ agent: "support" }, { reason: "loops", by: "on-call" });
await guard.revive(id, { reason: "fixed", by: "on-call" });
