import type { FakeCall } from "./peers/provider.ts";
import { PEERS, type Peer, type PeerName, type PeerSetup } from "./redis-contenders.ts";

/** Calls that a process makes at once. */
export interface PeerOrder {
  readonly peer: PeerName;
  readonly setup: PeerSetup;
  readonly calls: number;
  readonly call: FakeCall;
}

const opened = new Map<string, Promise<Peer>>();

function open({ peer, setup }: PeerOrder): Promise<Peer> {
  const found = opened.get(setup.name) ?? PEERS[peer](setup);
  opened.set(setup.name, found);
  return found;
}

async function make(order: PeerOrder): Promise<number> {
  const peer = await open(order);
  const made = Array.from({ length: order.calls }, () => peer.call(order.call));
  return (await Promise.all(made)).filter(Boolean).length;
}

process.on("message", async (order: PeerOrder) => process.send?.(await make(order)));
process.on("disconnect", () => process.exit(0)); // whoever asked has gone
process.send?.("ready");
