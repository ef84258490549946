import { type Evictable, SecondChanceMap } from "../bounded/second-chance-map.ts";
import { coversTarget } from "../budget/budget-match.ts";
import type { BudgetState } from "../budget/budget-state.ts";
import { Coverage } from "../budget/coverage.ts";
import { compileGlob } from "../budget/glob.ts";
import type { Pricing } from "../budget/reservation-plan.ts";
import type { PriceBook, RateCard } from "../ports/price-book.ts";
import { familyOf } from "./provider-family.ts";

/** Models and tools remembered at a time; names are hostile input, so there is a cap. */
const MAX_TARGETS = 4_096;

/** A model or tool that is called, with everything that depends on its name alone. */
export class CallTarget implements Evictable {
  touched = true;
  readonly kind: "model" | "tool";
  readonly provider: string | undefined;
  readonly name: string;
  /** The provider as people know it: `openai` for `openai.chat`, also of a model without a price. */
  readonly canonicalProvider: string | undefined;
  /** The price of the model, when it is known. */
  readonly card: RateCard | undefined;
  /** The same, as a reservation names it. */
  readonly pricing: Pricing | undefined;
  /** Budgets that cover this target, whoever calls it. */
  readonly coverage: Coverage;
  /** When its price was looked up: no clock that steps back before it goes on with that. */
  pricedAtMs: number = Number.NEGATIVE_INFINITY;

  constructor(
    kind: "model" | "tool",
    provider: string | undefined,
    name: string,
    card: RateCard | undefined,
    budgets: readonly BudgetState[],
    canonicalProvider: string | undefined = card?.provider ?? familyOf({ kind, provider }),
  ) {
    this.kind = kind;
    this.provider = provider;
    this.name = name;
    this.canonicalProvider = canonicalProvider;
    this.card = card;
    this.pricing = card === undefined ? undefined : { kind: "card", card };
    this.coverage = new Coverage(budgets.filter((state) => coversTarget(state.budget.match, this)));
  }

  /** By the name that the framework gives or by the canonical one. */
  isProvider(pattern: string): boolean {
    const matches = compileGlob(pattern);
    const names = [this.provider, this.canonicalProvider, familyOf(this)];
    return names.some((name) => name !== undefined && matches(name));
  }

  /** By the raw or the canonical model id. */
  isModel(pattern: string): boolean {
    const matches = compileGlob(pattern);
    return matches(this.name) || (this.card !== undefined && matches(this.card.model));
  }
}

/** Finds targets again without resolving price and budgets on each call. */
export class CallTargets {
  readonly #models = new SecondChanceMap<string, CallTarget>(MAX_TARGETS);
  readonly #tools = new SecondChanceMap<string, CallTarget>(MAX_TARGETS);
  readonly #prices: PriceBook | undefined;
  readonly #budgets: readonly BudgetState[];
  #last: CallTarget | undefined;

  constructor(prices: PriceBook | undefined, budgets: readonly BudgetState[]) {
    this.#prices = prices;
    this.#budgets = budgets;
  }

  resolve(
    kind: "model" | "tool",
    provider: string | undefined,
    name: string,
    nowMs: number,
  ): CallTarget {
    const last = this.#last;
    const same = last?.kind === kind && last.name === name && last.provider === provider;
    const key = same ? "" : `${provider ?? ""}\n${name}`;
    const found = same ? last : (kind === "model" ? this.#models : this.#tools).get(key);
    if (found === undefined || !isPricedAt(found, nowMs)) {
      return this.#create(kind, provider, name, nowMs);
    }
    this.#last = found;
    return found;
  }

  #create(
    kind: "model" | "tool",
    provider: string | undefined,
    name: string,
    nowMs: number,
  ): CallTarget {
    const card = kind === "model" ? this.#prices?.resolve(provider ?? "", name, nowMs) : undefined;
    const canonicalProvider = card?.provider ?? this.#canonicalOf(kind, provider);
    const target = new CallTarget(kind, provider, name, card, this.#budgets, canonicalProvider);
    target.pricedAtMs = nowMs;
    const targets = kind === "model" ? this.#models : this.#tools;
    const key = `${provider ?? ""}\n${name}`;
    targets.delete(key);
    targets.add(key, target);
    this.#last = target;
    return target;
  }

  #canonicalOf(kind: "model" | "tool", provider: string | undefined): string | undefined {
    if (kind === "tool" || provider === undefined) return provider;
    return this.#prices?.canonicalProvider?.(provider);
  }
}

function isPricedAt({ card, pricedAtMs }: CallTarget, nowMs: number): boolean {
  return nowMs >= pricedAtMs && nowMs < (card?.validUntilMs ?? Number.POSITIVE_INFINITY);
}
