import { withDeadline } from "../with-deadline.ts";
import { toFailure } from "./failure.ts";
import { createBudgetMeter } from "./judge-budget.ts";
import type { CheckedCallOptions } from "./judge-call-options.ts";
import { abandoned, JudgeError } from "./judge-error.ts";
import { type Counters, countFailure, createCounters, type JudgeFigures } from "./judge-figures.ts";
import type { JudgeReply } from "./judge-model.ts";
import { digestOf, type Inquiry, writePrompt } from "./prompt.ts";
import { type Answer, readAnswer } from "./read-answer.ts";
import { createSharedWork } from "./shared-work.ts";
import { createTurns } from "./turns.ts";

/** What was asked for and may not be: nothing was sent. */
export interface Declined {
  readonly declined: string;
}

/** Asks a judge, with everything around it that keeps that bounded. */
export interface JudgeCaller {
  /**
   * @param fresh Whether an answer from before is none.
   * @throws {JudgeError} when the judge was asked and gave no verdict.
   */
  ask(
    inquiry: Inquiry,
    signal: AbortSignal | undefined,
    fresh?: boolean,
  ): Promise<Answer | Declined>;
  figures(): JudgeFigures;
}

const BACKOFF_MS = 250;
const NANO = 1_000_000_000;
const OVER_BUDGET: Declined = { declined: "over the judge's budget" };
const CROWDED_OUT: Declined = { declined: "too many evaluations wait for the judge" };

/** Puts cache, sharing, deadline, turns, budget and retries around a judge, in this order. */
export function createJudgeCaller(options: CheckedCallOptions): JudgeCaller {
  const { asker, cache, clock, deadlineMs } = options;
  const counters = createCounters();
  const shared = createSharedWork<Answer | Declined>();
  const turns = createTurns(options.concurrency);
  const attempts = createAttempts(options, counters);

  async function work(
    digest: string,
    inquiry: Inquiry,
    left: AbortSignal,
  ): Promise<Answer | Declined> {
    const endMs = clock.monotonicMs() + deadlineMs;
    let release: (() => void) | undefined;
    const ended = await withDeadline(clock, deadlineMs, left, async (signal) => {
      release = await turns.take(signal);
      if (signal.aborted) {
        release?.(); // whoever gave up meanwhile saw no turn to give back
        throw abandoned();
      }
      if (release !== undefined) return attempts(inquiry, signal, endMs);
      counters.crowdedOut++;
      return CROWDED_OUT;
    });
    release?.(); // also from a model that ignores its signal and hangs
    if (ended.kind === "threw") throw ended.error;
    if (ended.kind === "late") {
      if (left.aborted) throw abandoned();
      counters.timeouts++;
      throw new JudgeError("timeout", `the judge had no verdict within ${deadlineMs} ms`);
    }
    if (!("declined" in ended.value)) cache.set(digest, ended.value);
    return ended.value;
  }

  return {
    async ask(inquiry, signal, fresh = false) {
      const digest = digestOf(inquiry, asker.modelId);
      const known = fresh ? undefined : cache.get(digest);
      if (known !== undefined) {
        counters.cached++;
        return known;
      }
      if (shared.has(digest)) counters.shared++;
      return shared.join(digest, signal, (left) => work(digest, inquiry, left));
    },
    figures: () => ({ ...counters }),
  };
}

type Attempts = (
  inquiry: Inquiry,
  signal: AbortSignal,
  endMs: number,
) => Promise<Answer | Declined>;

/** Asks until there is a verdict, each time within the budget and with a nonce of its own. */
function createAttempts(options: CheckedCallOptions, counters: Counters): Attempts {
  const { asker, clock, ids, retries } = options;
  const meter = createBudgetMeter(options.budget, clock);

  async function attempt(inquiry: Inquiry, signal: AbortSignal): Promise<Answer | Declined> {
    const spending = meter.take();
    if (spending === undefined) {
      counters.overBudget++;
      return OVER_BUDGET;
    }
    counters.calls++;
    try {
      const reply = await asker.ask({ ...writePrompt(inquiry, ids.next()), signal });
      const cost = costOf(reply, options);
      if (cost === undefined) counters.unpriced++;
      else counters.costNanoUsd += cost;
      spending.settle(cost);
      return readAnswer(reply, inquiry.labels);
    } finally {
      spending.fail(); // unless there was a reply
    }
  }

  return async (inquiry, signal, endMs) => {
    for (let retry = 0; ; retry++) {
      try {
        return await attempt(inquiry, signal);
      } catch (thrown) {
        const { error, retryable, retryAfterMs } = toFailure(thrown);
        if (signal.aborted) throw error;
        countFailure(counters, error.kind);
        const delayMs = Math.max(retryAfterMs, BACKOFF_MS * 2 ** retry);
        const inTime = clock.monotonicMs() + delayMs < endMs;
        if (!retryable || retry >= retries || !inTime) throw error;
        await new Promise<void>((resolve) => {
          const cancel = clock.setTimer(resolve, delayMs);
          signal.addEventListener("abort", cancel, { once: true }); // then nobody waits for this
        });
        counters.retries++;
      }
    }
  };
}

/** In nano-dollars, rounded up; undefined when it is not known or no amount. */
function costOf(reply: JudgeReply, { priceOf }: CheckedCallOptions): number | undefined {
  try {
    const usd = reply.costUsd ?? (reply.usage && priceOf?.(reply.usage));
    const nano = Math.ceil((usd ?? Number.NaN) * NANO);
    return Number.isSafeInteger(nano) && nano >= 0 ? nano : undefined;
  } catch {
    return undefined;
  }
}
