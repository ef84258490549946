import { type Evictable, SecondChanceMap } from "../bounded/second-chance-map.ts";
import type { PendingCall } from "../call/pending-call.ts";
import type { LimitRule } from "./limit-rule.ts";

/** Models and tools remembered at a time; names are hostile input, so there is a cap. */
const MAX_TARGETS = 1_000;

interface Known extends Evictable {
  readonly provider: string | undefined;
  /** Guards that share the limits may have other prices, and know it by another name. */
  readonly canonicalProvider: string | undefined;
  readonly model: string | undefined;
  readonly rules: readonly LimitRule[];
}

/** Finds the limits of a model or tool without matching its name on each call. */
export class RulesByTarget {
  readonly #rules: readonly LimitRule[];
  readonly #ofEvaluators: readonly LimitRule[];
  readonly #known = {
    model: new SecondChanceMap<string, Known>(MAX_TARGETS),
    tool: new SecondChanceMap<string, Known>(MAX_TARGETS),
  };

  constructor(rules: readonly LimitRule[]) {
    this.#rules = rules;
    this.#ofEvaluators = rules.filter(({ limit }) => limit.match.purpose === "evaluation");
  }

  /** The limits that cover what is called; who calls is not looked at. */
  of(call: PendingCall): readonly LimitRule[] {
    if (call.purpose === "evaluation") return this.#ofEvaluators.filter(covers(call));
    if (this.#rules.length === 0) return this.#rules;
    const targets = this.#known[call.kind];
    const known = targets.get(call.name);
    return known !== undefined && isSameTarget(known, call) ? known.rules : this.#add(call);
  }

  #add(call: PendingCall): readonly LimitRule[] {
    const { kind, name, provider, canonicalProvider, model } = call;
    const rules = this.#rules.filter(covers(call));
    this.#known[kind].add(name, { touched: true, provider, canonicalProvider, model, rules });
    return rules;
  }
}

function isSameTarget(known: Known, call: PendingCall): boolean {
  return (
    known.provider === call.provider &&
    known.model === call.model &&
    known.canonicalProvider === call.canonicalProvider
  );
}

function covers(call: PendingCall): (rule: LimitRule) => boolean {
  return (rule) => rule.match.coversTarget(call);
}
