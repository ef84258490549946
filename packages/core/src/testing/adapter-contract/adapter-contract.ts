import type { AdapterContractOptions } from "./driver.ts";
import { modelCases } from "./model-cases.ts";
import { streamCases } from "./stream-cases.ts";
import { toolCases } from "./tool-cases.ts";

/**
 * What every adapter must do, whatever its framework: refuse before anything is sent, settle each
 * request once and never below what the provider billed, leave nothing held, and keep our error
 * findable. The truth is the fake provider's own ledger.
 *
 * @example
 * adapterContract({ test, kind: "model", create: ({ provider, guard }) => ({
 *   generate: ({ prompt, signal }) => generateText({ model: guardModel(model(provider.url), guard), prompt, abortSignal: signal, maxRetries: 0 }),
 * }), streams: false });
 */
export function adapterContract(options: AdapterContractOptions): void {
  if (options.kind === "tool") {
    toolCases(options);
    return;
  }
  modelCases(options);
  if (options.streams !== false) streamCases(options);
}
