import type { CallRecord } from "../call/call-record.ts";
import type { PendingCall } from "../call/pending-call.ts";
import type { BreakerHost } from "./breaker-host.ts";
import type { BreakerRules } from "./check-breaker-options.ts";
import { Circuit, type CircuitWorld } from "./circuit.ts";
import { circuitKey, TOOL_PREFIX } from "./circuit-key.ts";
import { CircuitRoom } from "./circuit-room.ts";
import { CircuitTable } from "./circuit-table.ts";
import { compileTarget } from "./circuit-target.ts";
import type { Forces } from "./forces.ts";
import { pauseOf, verdictOf } from "./verdict.ts";

/** Finds the circuit of a call in one comparison when it is the same as before. */
export class Circuits {
  readonly #models: CircuitTable;
  readonly #tools: CircuitTable;
  readonly #room: CircuitRoom;
  readonly #world: CircuitWorld;
  readonly #lastModel: Found = nothingFound();
  readonly #lastTool: Found = nothingFound();

  constructor(rules: BreakerRules, host: BreakerHost, forces: Forces) {
    this.#world = { rules, host, forces };
    const create = (): CircuitTable =>
      new CircuitTable(rules.windowMs, (key, org) => this.#forget(key, org));
    this.#models = create();
    this.#tools = create();
    this.#room = new CircuitRoom({ model: this.#models, tool: this.#tools });
  }

  /** Undefined for a target that nothing was counted of. */
  find(call: Pick<Target, "kind" | "provider" | "name">): Circuit | undefined {
    const { kind, name, provider } = call;
    const last = kind === "model" ? this.#lastModel : this.#lastTool;
    if (last.name === name && last.provider === provider) {
      last.circuit?.touch();
      return last.circuit;
    }
    const circuit = this.#read(this.#tableOf(kind), circuitKey(kind, provider, name));
    if (circuit !== undefined) {
      circuit.touch();
      last.name = name;
      last.provider = provider;
      last.circuit = circuit;
    }
    return circuit;
  }

  /** The first call of what was forced open until now makes its circuit, for it to be probed. */
  findForced(call: Target): Circuit | undefined {
    const { kind, name, provider } = call;
    const { forces, host } = this.#world;
    const force = forces.overFor(circuitKey(kind, provider, name), host.nowMs());
    if (force === undefined) return undefined;
    const circuit = this.#create(call);
    circuit?.force(force);
    return circuit;
  }

  byKey(key: string): Circuit | undefined {
    return this.#read(this.#tableOf(key.startsWith(TOOL_PREFIX) ? "tool" : "model"), key);
  }

  /** Those of a model as people write it, whatever a framework appends to its provider. */
  writtenAs(key: string): Circuit[] {
    const exact = this.byKey(key);
    if (exact !== undefined) return [exact];
    const isMeant = compileTarget(key);
    return [...this.#models.keys()].filter(isMeant).flatMap((known) => this.byKey(known) ?? []);
  }

  *all(): IterableIterator<Circuit> {
    for (const table of [this.#models, this.#tools]) {
      for (const key of table.keys()) yield this.#read(table, key) as Circuit;
    }
  }

  /**
   * Counts the first call of a target. What says nothing makes no circuit, so that names that do
   * not exist (a 404) take no room.
   */
  countFirst(call: Target, record: CallRecord): void {
    const found = this.find(call);
    if (found !== undefined) found.release(record);
    else if (saysSomething(record, this.#world.rules)) this.#create(call)?.release(record);
  }

  /** Undefined when there is no room: such calls pass uncounted, and a warning says so. */
  #create(call: Target): Circuit | undefined {
    const { kind, name, provider } = call;
    const { org } = call.context;
    const { rules, host } = this.#world;
    const nowMs = host.nowMs();
    if (!this.#room.isThereFor(kind, org, nowMs)) {
      host.warn(
        "circuits-full",
        "The breaker has no room for another circuit: calls of more models and tools pass uncounted.",
      );
      return undefined;
    }
    const key = circuitKey(kind, provider, name);
    const isProbed = kind === "model" || rules.isIdempotentTool(name);
    const table = this.#tableOf(kind);
    const circuit = this.#at(table.add(key, org, isProbed, nowMs), table);
    this.#room.came(org);
    const force = this.#world.forces.of(key, nowMs);
    if (force !== undefined) circuit.force(force);
    return circuit;
  }

  #read(table: CircuitTable, key: string): Circuit | undefined {
    const row = table.rowOf(key);
    return row === undefined ? undefined : this.#at(row, table);
  }

  #at(row: number, table: CircuitTable): Circuit {
    return new Circuit(table.keyOf(row), row, table, this.#world);
  }

  #forget(key: string, org: string | undefined): void {
    this.#room.left(org);
    for (const last of [this.#lastModel, this.#lastTool]) {
      if (last.circuit?.key === key) Object.assign(last, nothingFound());
    }
  }

  #tableOf(kind: PendingCall["kind"]): CircuitTable {
    return kind === "model" ? this.#models : this.#tools;
  }
}

/** What of a call says which circuit it belongs to, and who made it. */
export type Target = Pick<PendingCall, "kind" | "provider" | "name" | "context">;

/** The target that was asked for last, and its circuit. */
interface Found {
  name: string | undefined;
  provider: string | undefined;
  circuit: Circuit | undefined;
}

function nothingFound(): Found {
  return { name: undefined, provider: undefined, circuit: undefined };
}

function saysSomething(record: CallRecord, rules: BreakerRules): boolean {
  return (
    verdictOf(record, rules.countToolErrors) !== "nothing" || pauseOf(record, rules) !== undefined
  );
}
