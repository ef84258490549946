import { type Measured, quick, toMeasured } from "../measure.ts";
import type { AfterAbort, Limited, Peer, Trial } from "./peer.ts";
import { type FakeCall, FakeProvider, INSTANT, TOKEN_USD } from "./provider.ts";

const CALLS = quick ? 1_000 : 10_000;
const LIMIT_USD = 1;
/** Ten calls: what is looked at is one of them. */
const LIMIT_OF_ABORTED_USD = 0.1;

const SLOW: FakeCall = { ...INSTANT, thinksMs: 5 };
/** Spends half of the limit. */
const HALF: FakeCall = { bound: 50_000, used: 50_000, thinksMs: 0 };
/** More than the other half. */
const BIG: FakeCall = { bound: 60_000, used: 60_000, thinksMs: 5 };
const SMALL_CALLS = 20;
const BIG_BETWEEN = 10;
const ABORTED_AFTER = 3;

/** What each figure is called. */
export const NAMES: Readonly<Record<Trial, string>> = {
  over: `${CALLS.toLocaleString("en-US")} calls at once against $1, over it`,
  unused: "refused at the end though the rest would have paid",
  beside: `small ones refused between big ones, of ${SMALL_CALLS}`,
  speed: "a call, beyond the same call without it",
  aborted: "an aborted stream ($0.0021 billed, $0.01 at most)",
};

/** No figure, and why there is none. */
export function absent(trial: Trial, says: string): Measured {
  return { name: NAMES[trial], unit: "", median: Number.NaN, runs: [], says };
}

/** Does something with a limit, and closes it. */
async function within<T>(limited: Limited, use: (limited: Limited) => Promise<T>): Promise<T> {
  try {
    return await use(limited);
  } finally {
    await limited.close?.();
  }
}

/**
 * All at once: dollars billed beyond the limit, and refused calls that the rest would have paid.
 */
export async function burst(
  peer: Peer,
): Promise<{ readonly over: Measured; readonly unused: Measured }> {
  const provider = new FakeProvider();
  const count = Math.min(CALLS, peer.mostAtOnce ?? CALLS);
  const refused = await within(peer.limit({ provider, limitUsd: LIMIT_USD }), async (limited) => {
    const calls = Array.from({ length: count }, () => limited.call(SLOW));
    return (await Promise.all(calls)).filter((answered) => !answered).length;
  });
  const leftTokens = Math.round((LIMIT_USD - provider.billedUsd) / TOKEN_USD);
  const over = Math.max(0, -leftTokens) * TOKEN_USD;
  const unused = Math.min(refused, Math.max(0, Math.floor(leftTokens / SLOW.bound)));
  const figure = toMeasured(NAMES.over, "$", [over], peer.target);
  const says = `$${over.toFixed(2)} with ${count.toLocaleString("en-US")} calls`;
  return {
    over: count === CALLS ? figure : { ...figure, says },
    unused: toMeasured(NAMES.unused, "calls", [unused]),
  };
}

/** Calls that fit whatever happens, each after ten that ask for more than is left. */
export async function smallOnesRefused(peer: Peer): Promise<Measured> {
  const provider = new FakeProvider();
  const setup = { provider, limitUsd: LIMIT_USD };
  const refused = await within(peer.limit(setup), async (limited) => {
    await limited.call(HALF);
    const small: Promise<boolean>[] = [];
    const big: Promise<boolean>[] = [];
    for (let at = 0; at < SMALL_CALLS; at++) {
      for (let more = 0; more < BIG_BETWEEN; more++) big.push(limited.call(BIG));
      small.push(limited.call(SLOW));
    }
    await Promise.all(big);
    return (await Promise.all(small)).filter((answered) => !answered).length;
  });
  const figure = toMeasured(NAMES.beside, "calls", [refused], peer.target);
  if (provider.billedUsd <= LIMIT_USD) return figure;
  return { ...figure, says: `${refused}, and the big ones were billed` };
}

/** What a peer says after the application aborted a stream. */
export async function abortStream(peer: Peer): Promise<Measured> {
  const controller = new AbortController();
  const provider = new FakeProvider((sent) => {
    if (sent === ABORTED_AFTER) controller.abort();
  });
  return within(peer.limit({ provider, limitUsd: LIMIT_OF_ABORTED_USD }), async (limited) => {
    const ended = limited.stream(INSTANT, controller.signal).then(
      () => "to its end",
      () => "aborted",
    );
    if ((await ended) !== "aborted") throw new Error(`${peer.name}: the stream was not aborted`);
    const { billedUsd } = provider;
    return describe(await limited.afterAbort(), billedUsd);
  });
}

/** In words, and what it was charged where it has an account. */
function describe(after: AfterAbort, billedUsd: number): Measured {
  const unit = "$ charged";
  if (after.counts === "other") return { ...absent("aborted", after.says), unit };
  const { chargedUsd, heldUsd } = after;
  const most = INSTANT.bound * TOKEN_USD;
  const isOneOf = (usd: number): boolean => Math.abs(chargedUsd - usd) < TOKEN_USD / 2;
  const kinds = [
    { usd: 0, says: "nothing" },
    { usd: billedUsd, says: "what was billed" },
    { usd: most, says: "in full" },
  ];
  const how = kinds.find(({ usd }) => isOneOf(usd))?.says ?? `$${chargedUsd.toFixed(4)}`;
  const leaked = heldUsd < TOKEN_USD / 2 ? "" : `, $${heldUsd.toFixed(4)} still held`;
  const figure = toMeasured(NAMES.aborted, unit, [chargedUsd]);
  return { ...figure, says: `${how}${leaked}` };
}
