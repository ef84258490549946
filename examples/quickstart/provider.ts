import { startFakeProvider } from "@burnrate/core/testing";
import type { ModelEndpoint } from "./agents.ts";

/** A model provider and what it says that each agent owes. */
export interface DemoProvider {
  readonly endpoint: ModelEndpoint;
  readonly title: string;
  /** Nano-dollars by agent; undefined when the provider keeps no books that we can read. */
  billed(): Promise<Readonly<Record<string, number>> | undefined>;
  close(): Promise<void>;
}

/**
 * The real provider with `--live`, the one at `OPENAI_BASE_URL` if set, or a fake one on loopback.
 */
export async function openProvider(live: boolean): Promise<DemoProvider> {
  const apiKey = process.env["OPENAI_API_KEY"] || undefined;
  const baseURL = process.env["OPENAI_BASE_URL"] || undefined;
  if (live && apiKey === undefined) throw new Error("--live needs OPENAI_API_KEY.");
  if (baseURL !== undefined && !URL.canParse(baseURL)) {
    throw new Error(
      `OPENAI_BASE_URL is ${baseURL}, and no address such as http://127.0.0.1:8080/v1.`,
    );
  }
  if (live || baseURL !== undefined) {
    return remoteProvider(baseURL ?? "https://api.openai.com/v1", apiKey ?? "no-key-needed");
  }
  return fakeProvider();
}

async function remoteProvider(baseURL: string, apiKey: string): Promise<DemoProvider> {
  const ledger = new URL("/__ledger", baseURL);
  const before = (await readLedger(ledger)) ?? {}; // what others had used, or an earlier demo
  return {
    endpoint: { baseURL, apiKey, model: "gpt-5-mini" },
    title: baseURL,
    async billed() {
      const now = await readLedger(ledger);
      if (now === undefined) return undefined;
      const sums = Object.entries(now).map(([name, sum]) => [name, sum - (before[name] ?? 0)]);
      return Object.fromEntries(sums);
    },
    close: async () => undefined,
  };
}

/**
 * A test server may tell at `/__ledger` what it would have billed each agent, by the header
 * `x-agent`: `{ agents: { support: { billedNanoUsd } } }`. A real provider answers with an error.
 */
async function readLedger(url: URL): Promise<Readonly<Record<string, number>> | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    if (!response.ok) return undefined;
    const ledger = (await response.json()) as {
      agents?: Record<string, { billedNanoUsd?: number }>;
    };
    if (ledger.agents === undefined) return undefined; // it answers whatever it is asked
    const agents = Object.entries(ledger.agents);
    return Object.fromEntries(agents.map(([name, sums]) => [name, sums.billedNanoUsd ?? 0]));
  } catch {
    return undefined;
  }
}

async function fakeProvider(): Promise<DemoProvider> {
  const provider = await startFakeProvider();
  provider.script((request) => {
    const last = (request.body["messages"] as { role: string }[]).at(-1)?.role;
    if (request.agent === "support") {
      if (last === "tool") return { kind: "reply", text: "Your order 7 was delivered." };
      return { kind: "reply", toolCalls: [{ name: "lookup_order", arguments: { id: "7" } }] };
    }
    if (request.agent === "research") {
      const toolCalls = [{ name: "search", arguments: { query: "the meaning of everything" } }];
      return { kind: "reply", text: "Let me think again. ".repeat(60), toolCalls };
    }
    return { kind: "reply", text: "Dear customer, ".repeat(100), chunkDelayMs: 5 };
  });
  return {
    endpoint: { baseURL: provider.url, apiKey: "no-key-needed", model: "gpt-5-mini" },
    title: "a fake provider on this machine",
    async billed() {
      await provider.idle();
      const totals = Object.entries(provider.totalsByAgent());
      return Object.fromEntries(totals.map(([name, sums]) => [name, sums.billedNanoUsd]));
    },
    close: () => provider.close(),
  };
}
