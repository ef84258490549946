import type { MatchLogic, ModelInfo, Provider } from "@pydantic/genai-prices";

/** Whether genai-prices' own matching takes this name for this model and for no earlier one. */
export function resolvesTo(provider: Provider, name: string, model: ModelInfo): boolean {
  return provider.models.find((candidate) => matches(candidate.match, name)) === model;
}

function matches(match: MatchLogic, name: string): boolean {
  if ("or" in match) return match.or.some((part) => matches(part, name));
  if ("and" in match) return match.and.every((part) => matches(part, name));
  if ("equals" in match) return name === match.equals.toLowerCase();
  if ("starts_with" in match) return name.startsWith(match.starts_with.toLowerCase());
  if ("ends_with" in match) return name.endsWith(match.ends_with.toLowerCase());
  if ("contains" in match) return name.includes(match.contains.toLowerCase());
  return new RegExp(match.regex).test(name);
}
