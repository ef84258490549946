import type { Composite } from "../objective/composite.ts";
import type { ObjectiveState, ObjectiveStatus } from "./status.ts";

/** From best to worst; not to know is worse than to be well. */
const ORDER: readonly ObjectiveState[] = [
  "healthy",
  "low_coverage",
  "no_data",
  "burning",
  "exhausted",
  "violated",
];

/** How a composite stands, from its parts: their worst state, their alerts, their burn. */
export function readComposite(
  { name, by }: Composite,
  parts: readonly ObjectiveStatus[],
): ObjectiveStatus {
  const consumed = combine(
    by,
    parts.map((part) => part.consumed),
  );
  const keys = new Set(parts.flatMap(({ burn }) => Object.keys(burn)));
  const burn = Object.fromEntries(
    [...keys].map((key) => [
      key,
      combine(
        by,
        parts.map((part) => part.burn[key]),
      ),
    ]),
  );
  const isLeft = by === "mean" && consumed !== undefined && consumed < 1;
  const states = parts.map((part) => (isLeft ? stateBeside(part) : part.state));
  const worst = Math.max(...states.map((state) => ORDER.indexOf(state)));
  return {
    name,
    state: ORDER[worst] as ObjectiveState,
    total: sum(parts.map(({ total }) => total)),
    bad: sum(parts.map(({ bad }) => bad)),
    excluded: sum(parts.map(({ excluded }) => excluded)),
    consumed,
    remaining: consumed === undefined ? undefined : 1 - consumed,
    burn,
    coverage: Math.min(...parts.map(({ coverage }) => coverage)),
    alerts: parts.flatMap((part) =>
      part.alerts.map((alert) => ({ ...alert, text: `${part.name}: ${alert.text}` })),
    ),
  };
}

/** A part whose budget is used up, where on average something is left. */
function stateBeside({ state, alerts }: ObjectiveStatus): ObjectiveState {
  if (state !== "exhausted") return state;
  return alerts.some(({ firing }) => firing) ? "burning" : "healthy";
}

function combine(by: Composite["by"], values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  return by === "worst" ? Math.max(...known) : sum(known) / known.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
