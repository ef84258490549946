/** A full date that ends a snapshot's name: `-2025-08-07`, `-20250929`, `@20250929`. */
const SNAPSHOT = /^(.+?)(?:-(20\d\d)-(\d\d)-(\d\d)|[-@](20\d\d)(\d\d)(\d\d))$/;

/** Bedrock's version, as in `anthropic.claude-sonnet-4-5-20250929-v1:0`. */
const BEDROCK_VERSION = /-v\d{1,2}(?::\d{1,2})?$/;

/** Bedrock's cross-region profiles; `global` has prices of its own. */
const BEDROCK_REGION = /^(?:us-gov|us|eu|apac|au|jp|ca|sa|in)\./;

/** Google's resource names: `models/…`, `publishers/google/models/…`. */
const GOOGLE_RESOURCE = /^(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/[^/]+\/)?models\//;

/** OpenAI's fine-tuned models: `ft:gpt-4o-mini-2024-07-18:acme::7qTVM5AR`. */
const FINE_TUNED = /^(ft:[^:]+):.*$/;

const MAX_LENGTH = 256;

/**
 * The names to look up for a model, best first: itself, without what a provider's own grammar
 * adds, and what it is a dated snapshot of. Never a mere prefix: `gpt-5-minix` is not `gpt-5`, and
 * `claude-sonnet-5-5` not `claude-sonnet-5`.
 */
export function namesToTry(provider: string, model: string): readonly string[] {
  if (model.length > MAX_LENGTH) return [];
  const name = model.trim().toLowerCase();
  const spelt = namesWithoutGrammar(provider, name);
  return [...spelt, ...spelt.flatMap(snapshotOf)];
}

function namesWithoutGrammar(provider: string, name: string): string[] {
  if (provider === "aws") return bedrockNames(name);
  if (provider === "google") return [name, name.replace(GOOGLE_RESOURCE, "")];
  return provider === "openai" ? [name, name.replace(FINE_TUNED, "$1")] : [name];
}

function bedrockNames(name: string): string[] {
  const plain = name.replace(BEDROCK_REGION, "");
  return [name, name.replace(BEDROCK_VERSION, ""), plain, plain.replace(BEDROCK_VERSION, "")];
}

/** What a name is a snapshot of, when it ends in a date that exists. */
function snapshotOf(name: string): string[] {
  const match = SNAPSHOT.exec(name);
  const base = match?.[1];
  if (match === null || base === undefined || SNAPSHOT.test(base)) return [];
  const [year, month, day] = [match[2] ?? match[5], match[3] ?? match[6], match[4] ?? match[7]];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.toISOString().startsWith(`${year}-${month}-${day}`) ? [base] : [];
}
