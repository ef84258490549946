import type { ContextFrame } from "../context/context-frame.ts";
import type { ArmedKill } from "./armed-kills.ts";
import type { KillScope } from "./kill-scope.ts";

/** Fields that name one of many, the most telling first: a kill is found by the first it has. */
const FIELDS = ["task", "session", "user", "agent", "team", "org"] as const;

type Field = (typeof FIELDS)[number];

/**
 * Kills by what they name, so that a call looks at those of its own user, and not at those of a
 * thousand others. Kills that name none of many (a tool, a model, a budget, everything) are as few
 * as an application has of those, and every call looks at them.
 */
export class ScopeIndex {
  readonly #byField = new Map<Field, Map<string, Set<ArmedKill>>>();
  readonly #others = new Set<ArmedKill>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(kill: ArmedKill): void {
    this.#setOf(kill).add(kill);
    this.#size++;
  }

  /** False when it was not there. */
  delete(kill: ArmedKill): boolean {
    const found = fieldOf(kill);
    const kills = this.#setOf(kill);
    const wasThere = kills.delete(kill);
    if (wasThere) this.#size--;
    if (found === undefined || kills.size > 0) return wasThere;
    const known = this.#byField.get(found.field);
    known?.delete(found.value);
    if (known?.size === 0) this.#byField.delete(found.field);
    return wasThere;
  }

  /** Those that may cover what is done in a frame: each is still to be matched. */
  *near(frame: ContextFrame): Generator<ArmedKill, void> {
    yield* this.#others;
    for (const [field, known] of this.#byField) {
      for (const value of valuesOf(field, frame)) yield* known.get(value) ?? [];
    }
  }

  /** Those that name none of many. */
  others(): Iterable<ArmedKill> {
    return this.#others;
  }

  *[Symbol.iterator](): Generator<ArmedKill, void> {
    yield* this.#others;
    for (const known of this.#byField.values()) for (const kills of known.values()) yield* kills;
  }

  #setOf(kill: ArmedKill): Set<ArmedKill> {
    const found = fieldOf(kill);
    if (found === undefined) return this.#others;
    const known = this.#byField.get(found.field) ?? new Map<string, Set<ArmedKill>>();
    this.#byField.set(found.field, known);
    const kills = known.get(found.value) ?? new Set<ArmedKill>();
    known.set(found.value, kills);
    return kills;
  }
}

function fieldOf({ entry: { target } }: ArmedKill): { field: Field; value: string } | undefined {
  if (target === "everything") return undefined;
  const field = FIELDS.find((name) => target[name] !== undefined);
  return field === undefined ? undefined : { field, value: (target as KillScope)[field] as string };
}

/** What kills of a field may name to cover a frame. */
function valuesOf(field: Field, { context, tasks }: ContextFrame): readonly string[] {
  if (field === "task") return tasks;
  const value = context[field];
  if (value === undefined) return [];
  return field === "agent" ? pathsOf(value) : [value];
}

/** An agent and all those above it. */
function pathsOf(agent: string): string[] {
  const paths = [agent];
  for (let end = agent.indexOf("/"); end >= 0; end = agent.indexOf("/", end + 1)) {
    paths.push(agent.slice(0, end));
  }
  return paths;
}
