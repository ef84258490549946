import type { Clock } from "@burnrate/core";
import { createSloEngine, objective } from "@burnrate/slo";

/**
 * One day of a support agent in a second: 480 tasks, of which 0.5 % fail, but two in three between
 * two and half past three in the afternoon. Time is simulated; the figures are the same in every
 * run.
 */
const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 7);
const INCIDENT = { from: 14 * 60, until: 15.5 * 60 };

let nowMs = START_MS;
const clock: Clock = {
  wallMs: () => nowMs,
  monotonicMs: () => nowMs - START_MS,
  setTimer: () => () => {},
};

const engine = createSloEngine({
  clock,
  objectives: [
    objective({
      name: "tasks",
      sli: "task_success",
      target: 0.98,
      window: "30d",
      match: { agent: "support" },
      actions: [{ on: "page", do: "freeze", quietFor: "15m" }],
    }),
  ],
});

const told: string[] = [];
const tell = (text: string): number =>
  told.push(`${new Date(nowMs).toISOString().slice(11, 16)}  ${text}`);
engine.on("alert-fired", ({ severity, text }) => tell(`${severity} fires. ${text}`));
engine.on("alert-resolved", ({ severity, long }) => tell(`${severity} over ${long} is resolved.`));
engine.on("action-engaged", ({ do: what }) => tell(`${what} begins: rollouts wait.`));
engine.on("action-released", ({ do: what }) => tell(`${what} ends.`));

/** Spreads tasks and failures evenly, so that no luck is in the figures. */
let failing = 0;
function task(minute: number): void {
  const isIncident = minute >= INCIDENT.from && minute < INCIDENT.until;
  failing += isIncident ? 2 / 3 : 0.005;
  const good = failing < 1;
  if (!good) failing -= 1;
  engine.record({ sli: "task_success", good, agent: "support" });
}

const percent = (share: number | undefined): string =>
  share === undefined ? "–" : `${Math.round(share * 100)} %`;
const cell = (value: string | number | undefined, width = 10): string =>
  String(value ?? "–").padStart(width);

const columns = ["time", "tasks", "failed", "burn 1h", "burn 6h", "remaining", "state"];
console.log(columns.map((title) => cell(title)).join(""));
for (let minute = 0; minute < 24 * 60; minute++) {
  nowMs = START_MS + minute * MINUTE_MS;
  if (minute % 3 === 0) task(minute);
  engine.evaluate();
  if (minute % 120 !== 119) continue;
  const { total, bad, burn, remaining, state } = engine.status("tasks");
  const time = new Date(nowMs).toISOString().slice(11, 16);
  const cells = [time, total, bad, burn["1h"]?.toFixed(1), burn["6h"]?.toFixed(1)];
  console.log([...cells, percent(remaining), state].map((value) => cell(value)).join(""));
}
console.log(`\n${told.join("\n")}`);
await engine.close();
