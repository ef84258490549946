import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { guardClient } from "./guard-client.ts";
import { thrownBy, watchedGuard } from "./testing/watched-guard.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const SHOWN = 80;
const bare = { callTool: async () => ({}), request: async () => ({}) };

test.each(["throw", "result"] as const)(
  "what README shows of a refusal with denyMode %s is what the user gets",
  async (denyMode) => {
    const { guard, records } = watchedGuard({ budgets: ["$0.02/day"] });
    const costs = { web_search: 0.01, "files_*": 0.001 };
    const client = guardClient(bare, guard, { server: "search", costs, denyMode });
    const call = (): Promise<unknown> =>
      (client.callTool as (params: unknown) => Promise<unknown>)({ name: "web_search" });
    await call();
    await call();
    const given = denyMode === "throw" ? String(await thrownBy(call)) : textOf(await call());
    expect(readme).toContain(given.slice(0, SHOWN));
    for (const { provider, name, outcome, costNanoUsd } of records) {
      expect(readme).toContain(`${provider} ${name} ${outcome} ${costNanoUsd}`);
    }
  },
);

test.each([{ costs: { "search_*": -1 } }, { denymode: "result" }])(
  "README shows the error for the options %j",
  async (options) => {
    const { guard } = watchedGuard();
    const error = await thrownBy(() => guardClient(bare, guard, options as never));
    expect(readme).toContain(String(error));
  },
);

function textOf(result: unknown): string {
  return (result as { content: { text: string }[] }).content[0]?.text ?? "";
}
