import { SecondChanceMap } from "../bounded/second-chance-map.ts";
import type { CallRecord } from "../call/call-record.ts";
import type { PendingCall } from "../call/pending-call.ts";
import type { BreakerHost } from "./breaker-host.ts";
import { CallWindows } from "./call-windows.ts";
import type { BreakerRules } from "./check-breaker-options.ts";
import { Circuit, type CircuitWorld } from "./circuit.ts";
import { circuitKey, TOOL_PREFIX } from "./circuit-key.ts";
import type { Forces } from "./forces.ts";
import { pauseOf, verdictOf } from "./verdict.ts";

/** Circuits at a time, of models and of tools; names may be hostile input. */
const MAX_CIRCUITS = 2_048;
/** What calls of one organisation may add to them. */
const MAX_OF_ORG = 512;

/** Finds the circuit of a call in one comparison when it is the same as before. */
export class Circuits {
  readonly #models: SecondChanceMap<string, Circuit>;
  readonly #tools: SecondChanceMap<string, Circuit>;
  readonly #ofOrg = new Map<string, number>();
  readonly #world: CircuitWorld;
  readonly #forces: Forces;
  readonly #lastModel: Found = nothingFound();
  readonly #lastTool: Found = nothingFound();

  constructor(rules: BreakerRules, host: BreakerHost, forces: Forces) {
    this.#world = { rules, host, windows: new CallWindows(rules.windowMs) };
    this.#forces = forces;
    const create = (): SecondChanceMap<string, Circuit> =>
      new SecondChanceMap(
        MAX_CIRCUITS,
        (circuit) => circuit.isIdle,
        (circuit) => this.#forget(circuit),
      );
    this.#models = create();
    this.#tools = create();
  }

  /** Undefined for a target that nothing was counted of. */
  find(call: Pick<Target, "kind" | "provider" | "name">): Circuit | undefined {
    const { kind, name, provider } = call;
    const last = kind === "model" ? this.#lastModel : this.#lastTool;
    if (last.name === name && last.provider === provider) {
      (last.circuit as Circuit).touched = true;
      return last.circuit;
    }
    const circuit = this.#mapOf(kind).get(circuitKey(kind, provider, name));
    if (circuit !== undefined) {
      last.name = name;
      last.provider = provider;
      last.circuit = circuit;
    }
    return circuit;
  }

  byKey(key: string): Circuit | undefined {
    return this.#mapOf(key.startsWith(TOOL_PREFIX) ? "tool" : "model").get(key);
  }

  *all(): IterableIterator<Circuit> {
    yield* this.#models.values();
    yield* this.#tools.values();
  }

  /**
   * Counts the first call of a target. What says nothing makes no circuit, so that names that do not
   * exist (a 404) take no room.
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
    const key = circuitKey(kind, provider, name);
    const isProbed = kind === "model" || this.#world.rules.isIdempotentTool(name);
    const circuit = new Circuit(key, org, isProbed, this.#world);
    const ofOrg = org === undefined ? 0 : (this.#ofOrg.get(org) ?? 0);
    if (ofOrg >= MAX_OF_ORG || !this.#mapOf(kind).add(key, circuit)) {
      circuit.leave();
      this.#world.host.warn(
        "circuits-full",
        "The breaker has no room for another circuit: calls of more models and tools pass uncounted.",
      );
      return undefined;
    }
    if (org !== undefined) this.#ofOrg.set(org, ofOrg + 1);
    const force = this.#forces.of(key, this.#world.host.nowMs());
    if (force !== undefined) circuit.force(force);
    return circuit;
  }

  #forget(circuit: Circuit): void {
    const { org, key } = circuit;
    circuit.leave();
    for (const last of [this.#lastModel, this.#lastTool]) {
      if (last.circuit?.key === key) Object.assign(last, nothingFound());
    }
    if (org === undefined) return;
    const left = (this.#ofOrg.get(org) ?? 1) - 1;
    if (left > 0) this.#ofOrg.set(org, left);
    else this.#ofOrg.delete(org);
  }

  #mapOf(kind: PendingCall["kind"]): SecondChanceMap<string, Circuit> {
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
