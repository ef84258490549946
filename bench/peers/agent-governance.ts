import { PolicyEngine } from "@microsoft/agent-governance-sdk";
import type { Limited, Peer, Setup } from "./peer.ts";
import { readAll } from "./provider.ts";

const AGENT = "did:mesh:team";
const CENT = 0.01;

/** No budget, but a limit of calls in a policy: as many as the money pays for at a cent each. */
function limit({ provider, limitUsd }: Setup): Limited {
  const most = Math.round(limitUsd / CENT);
  const engine = new PolicyEngine();
  engine.loadPolicy({
    name: "spending",
    rules: [{ name: "model-calls", ruleAction: "allow", limit: `${most}/day` }],
  });
  const isAllowed = (): boolean =>
    engine.evaluatePolicy(AGENT, { action: "model.call", model: "gpt-5" }).allowed;
  return {
    async call(call) {
      if (!isAllowed()) return false;
      await provider.complete(call);
      return true;
    },
    async stream(call, signal) {
      if (!isAllowed()) throw new Error("nothing was spent yet");
      await readAll(provider.stream(call, signal));
    },
    async afterAbort() {
      let left = 0;
      while (isAllowed()) left += 1;
      return { counts: "other", says: `counted as ${most - left} of ${most} calls` };
    },
  };
}

export const agentGovernance: Peer = {
  name: "agent-governance-sdk, policy with `limit`",
  package: "@microsoft/agent-governance-sdk",
  lacks: { beside: "counts calls, whatever they cost" },
  limit,
};
