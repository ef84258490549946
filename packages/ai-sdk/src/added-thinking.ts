import { fieldsOf, type ModelIdentity } from "./sdk-types.ts";

/** What the provider for Anthropic adds where thinking has no budget, and the least it ever does. */
const DEFAULT_BUDGET = 1_024;

/** The budget that the option `reasoning` of `ai` 7 becomes: a share of the model's most output. */
const SHARES: ReadonlyMap<unknown, number> = new Map([
  ["minimal", 0.02],
  ["low", 0.1],
  ["medium", 0.3],
  ["high", 0.6],
  ["xhigh", 0.9],
  ["max", 0.95],
]);

/**
 * The most output that the providers know of Claude whose thinking is fixed, of Opus 4 and 4.1, and
 * of what they do not know, Claude 3.7 and older among it.
 */
const MOST_OUTPUT = { claude: 64_000, opus: 32_000, other: 4_096 };

/** `claude-sonnet-4-5`, `claude-3-7-sonnet`, `claude-opus-5`; a date is no version. */
const CLAUDE = /claude-(?:[a-z]+-)?(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?/i;

/**
 * Output tokens that the SDK's providers for Claude (Anthropic, Bedrock, Vertex) add to the output
 * limit that they are given, after every hook: the budget of fixed thinking, under whatever name the
 * provider has, or what they make of `reasoning`. Adaptive thinking is inside of the limit.
 *
 * @see https://ai-sdk.dev/providers/ai-sdk-providers/anthropic#reasoning
 * @see https://ai-sdk.dev/providers/ai-sdk-providers/amazon-bedrock#reasoning
 */
export function addedThinking(model: ModelIdentity, params: object): number {
  const { providerOptions, reasoning } = fieldsOf(params);
  const added = reasoning === undefined ? 0 : budgetOfReasoning(model, reasoning);
  if (providerOptions === undefined) return added;
  const groups = Object.entries(fieldsOf(providerOptions));
  const isSaid = groups.some(([name, options]) => saysThinking(model, name, options));
  let most = isSaid ? 0 : added;
  for (const [, options] of groups) {
    const { thinking, reasoningConfig } = fieldsOf(options);
    const config =
      added === 0
        ? reasoningConfig
        : { type: "enabled", budgetTokens: added, ...fieldsOf(reasoningConfig) }; // as Bedrock's does
    const ofConfig = reasoningConfig === undefined ? 0 : budgetOf(config, 0);
    most = Math.max(most, budgetOf(thinking, DEFAULT_BUDGET), ofConfig);
  }
  return most;
}

function budgetOf(thinking: unknown, unsaid: number): number {
  const { type, budgetTokens = unsaid } = fieldsOf(thinking);
  if (type !== "enabled" || typeof budgetTokens !== "number") return 0;
  const tokens = Math.ceil(budgetTokens);
  return Number.isSafeInteger(tokens) && tokens > 0 ? tokens : 0;
}

function budgetOfReasoning(model: ModelIdentity, reasoning: unknown): number {
  const share = SHARES.get(reasoning);
  const most = mostOutputOf(model);
  if (share === undefined || most === 0) return 0;
  return Math.max(DEFAULT_BUDGET, Math.round(most * share));
}

/** 0 for a model that thinks adaptively, as Claude does since 4.6, and for those of others. */
function mostOutputOf({ provider, modelId }: ModelIdentity): number {
  const [, major, minor = 0] = CLAUDE.exec(modelId) ?? [];
  if (major === undefined) {
    return /anthropic/i.test(provider) && !/claude/i.test(modelId) ? MOST_OUTPUT.other : 0;
  }
  const version = Number(major) * 100 + Number(minor);
  if (version >= 406) return 0;
  if (version < 400) return MOST_OUTPUT.other;
  return version < 405 && /claude-opus-/i.test(modelId) ? MOST_OUTPUT.opus : MOST_OUTPUT.claude;
}

/** Whether the model's provider reads these options, and how to think in them before `reasoning`. */
function saysThinking({ provider }: ModelIdentity, name: string, options: unknown): boolean {
  const { thinking, effort, reasoningConfig } = fieldsOf(options);
  const isBedrock = /bedrock/i.test(provider) && !/anthropic/i.test(provider);
  if (isBedrock) return /bedrock/i.test(name) && reasoningConfig !== undefined;
  const isRead = name === "anthropic" || provider.toLowerCase().includes(name.toLowerCase());
  return isRead && (thinking ?? effort ?? undefined) !== undefined;
}
