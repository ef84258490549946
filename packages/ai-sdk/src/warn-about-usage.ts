import type { Guard } from "@burnrate/core";
import type { ModelIdentity } from "./sdk-types.ts";

const MAX_PROVIDERS = 64;
const warned = new WeakMap<Guard, Set<string>>();

/**
 * Says once a provider that its streams will not report usage, because that is a matter of set-up
 * and otherwise shows only as calls that cost their whole reservation.
 */
export function warnAboutUsage(guard: Guard, model: ModelIdentity): void {
  const config = (model as { config?: unknown }).config;
  if (typeof config !== "object" || config === null || !("includeUsage" in config)) return;
  if (config.includeUsage === true) return;
  const providers = warned.get(guard) ?? new Set();
  warned.set(guard, providers);
  if (providers.has(model.provider) || providers.size >= MAX_PROVIDERS) return;
  providers.add(model.provider);
  process.emitWarning(
    `Streams of ${model.provider} report no usage, so each is charged its full reservation. Set includeUsage: true in createOpenAICompatible().`,
    { type: "BurnrateWarning", code: "ai-sdk-usage" },
  );
}
