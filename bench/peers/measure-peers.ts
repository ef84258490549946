import { type Measured, toMeasured } from "../measure.ts";
import { agentGovernance } from "./agent-governance.ts";
import { burnrate } from "./burnrate.ts";
import { cockatiel } from "./cockatiel.ts";
import { langchainLimit } from "./langchain.ts";
import { llmBudget, llmBudgetReserve } from "./llm-budget.ts";
import { llmMeter } from "./llm-meter.ts";
import { opossum } from "./opossum.ts";
import { type Peer, TRIALS, type Trial } from "./peer.ts";
import { rateLimiterFlexible } from "./rate-limiter-flexible.ts";
import { speedsOf } from "./speeds.ts";
import { abortStream, absent, burst, NAMES, smallOnesRefused } from "./trials.ts";

/** The guard first, then the others. */
const PEERS: readonly Peer[] = [
  burnrate,
  llmBudgetReserve,
  llmBudget,
  llmMeter,
  rateLimiterFlexible,
  agentGovernance,
  langchainLimit,
  cockatiel,
  opossum,
];

/** What came out for a peer; a text where it has no figure. */
export type Figures = Readonly<Record<Trial, Measured>>;

/** A package and what came out. */
export interface PeerFigures {
  readonly peer: Peer;
  readonly figures: Figures;
}

async function figuresOf(peer: Peer, speed: readonly number[]): Promise<Figures> {
  const { lacks } = peer;
  const { over, unused } =
    lacks.over === undefined
      ? await burst(peer)
      : { over: absent("over", lacks.over), unused: absent("unused", lacks.over) };
  const beside =
    lacks.beside === undefined ? await smallOnesRefused(peer) : absent("beside", lacks.beside);
  return {
    over,
    unused,
    beside,
    speed: toMeasured(NAMES.speed, "ns/call", speed),
    aborted: await abortStream(peer),
  };
}

/** The guard in memory beside other packages that limit calls, in one process. */
export async function measurePeers(): Promise<readonly PeerFigures[]> {
  const speed = await speedsOf(PEERS);
  const measured: PeerFigures[] = [];
  for (const [at, peer] of PEERS.entries()) {
    measured.push({ peer, figures: await figuresOf(peer, speed[at] ?? []) });
  }
  return measured;
}

/** One row for each figure, under the name of its package. */
export function toRows(measured: readonly PeerFigures[]): Measured[] {
  return measured.flatMap(({ peer, figures }) =>
    TRIALS.map((trial) => {
      const row = figures[trial];
      return { ...row, name: `${peer.name}: ${row.name}` };
    }),
  );
}
