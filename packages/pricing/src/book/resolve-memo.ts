import type { RateCard } from "@burnrate/core";

/** What was found for a name, also when that is nothing, and for how long it holds. */
export interface Memo {
  readonly card: RateCard | undefined;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Names longer than this are no model's, and would cost memory to remember. */
const MAX_NAME = 256;

/**
 * Remembers what names resolve to. When it is full it starts over: names can be hostile, and
 * finding a card again costs microseconds.
 */
export function createResolveMemo(cap: number): {
  get(provider: string, model: string, atMs: number): Memo | undefined;
  set(provider: string, model: string, memo: Memo): void;
  readonly size: number;
} {
  const memos = new Map<string, Map<string, Memo>>();
  let size = 0;
  return {
    get(provider, model, atMs) {
      const memo = memos.get(provider)?.get(model);
      return memo !== undefined && atMs >= memo.fromMs && atMs < memo.untilMs ? memo : undefined;
    },
    set(provider, model, memo) {
      if (provider.length > MAX_NAME || model.length > MAX_NAME) return;
      if (size >= cap) {
        memos.clear();
        size = 0;
      }
      const models = memos.get(provider) ?? new Map<string, Memo>();
      if (!models.has(model)) size++;
      models.set(model, memo);
      memos.set(provider, models);
    },
    get size() {
      return size;
    },
  };
}
