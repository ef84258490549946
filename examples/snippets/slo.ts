import { createGuard } from "@burnrate/core";
import {
  absenceRule,
  agentObjectives,
  compositeObjective,
  createSloEngine,
  objective,
} from "@burnrate/slo";

const guard = createGuard({ breaker: true });

const refunds = objective({
  name: "refunds",
  sli: "task_success",
  target: 0.99,
  window: "30d",
  match: { agent: "refunds" },
  actions: [
    { on: "page", do: { downgrade: "careful" } },
    { on: "exhausted", do: "freeze" },
  ],
});
const speed = objective({
  name: "answers are quick",
  sli: "latency",
  threshold: { maxMs: 5_000 },
  target: "95 %",
  window: { calendar: "month", timeZone: "Europe/Berlin" },
});

const engine = createSloEngine({
  objectives: [
    refunds,
    speed,
    ...agentObjectives("support", "support"),
    compositeObjective({ name: "desk", of: ["refunds", "answers are quick"] }),
  ],
  absences: [absenceRule({ name: "refunds is silent", match: { agent: "refunds" }, after: "10m" })],
  anomalies: true,
});
engine.on("alert-fired", ({ objective: name, severity, text }) =>
  console.warn(severity, name, text),
);
engine.on("action-engaged", ({ do: what, reason }) => console.warn(what, reason));
engine.attach(guard);

await guard.task({ name: "refund", agent: "refunds" }, async () => "done");
engine.record({ sli: "customer_satisfaction", good: true, agent: "refunds" });

const { state, consumed, remaining, burn, coverage, alerts } = engine.status("refunds");
console.log(state, consumed, remaining, burn["1h"], coverage, alerts.length);
await engine.close();
await guard.close();
