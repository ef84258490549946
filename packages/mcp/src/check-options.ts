import { checkObject, checkOneOf, checkString, refuseUnknownKeys } from "@burnrate/core/adapter";
import { MAX_NAME } from "./mcp-client.ts";
import { type CostOf, checkCosts, type ToolCosts } from "./tool-costs.ts";

/** Options of `guardClient` and `guardTransport`; all may be left out. */
export interface GuardClientOptions {
  /**
   * Names the server in records, budgets and kills (`{ provider: "search" }`). Default: the name
   * that the server reports, else `mcp`. Set it where a limit depends on it: a server may report
   * any name.
   */
  readonly server?: string;
  /** What a call of a tool costs, in dollars; charged for each call that is sent. */
  readonly costs?: ToolCosts;
  /**
   * What a refusal becomes: an exception (`throw`, the default), or a result with `isError` whose
   * text the model reads (`result`).
   */
  readonly denyMode?: "throw" | "result";
}

/** Options that were checked, ready to use. */
export interface CheckedOptions {
  readonly server: string | undefined;
  readonly denyMode: "throw" | "result";
  readonly costOf: CostOf;
}

/** @throws {ConfigError} `BR9001` naming the option, what it must be, and the nearest spelling. */
export function checkOptions(
  given: GuardClientOptions,
  hook: "guardClient" | "guardTransport" = "guardClient",
): CheckedOptions {
  const options = checkObject(`the options of ${hook}`, given);
  refuseUnknownKeys(hook, options, ["server", "costs", "denyMode"]);
  const { server, costs, denyMode = "throw" } = options;
  return {
    server: server === undefined ? undefined : checkString(`${hook}.server`, server, MAX_NAME),
    denyMode: checkOneOf(`${hook}.denyMode`, denyMode, ["throw", "result"]),
    costOf: checkCosts(costs, `${hook}.costs`),
  };
}
