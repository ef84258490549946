import { ConfigError } from "../errors/config-error.ts";
import { quote } from "./describe.ts";
import { unknownKeyError } from "./option-error.ts";

/**
 * Checks the keys of a hook's `models` option: one that nothing ever asks for is a mistake, most
 * often of spelling. A guard that does not say what it asks for is not asked.
 * @throws {ConfigError} `BR9001` with the nearest key.
 */
export function checkModelKeys(
  path: string,
  models: Readonly<Record<string, unknown>>,
  { modelKeys }: { readonly modelKeys?: readonly string[] | undefined },
): void {
  if (modelKeys === undefined) return;
  for (const key of Object.keys(models)) {
    if (modelKeys.includes(key)) continue;
    if (modelKeys.length > 0) throw unknownKeyError(path, key, modelKeys);
    throw new ConfigError({
      message: `${path} offers ${quote(key)}, and nothing asks for it. Give a budget the threshold { fraction: 0.8, do: { downgrade: ${quote(key)} } }, give the breaker fallbacks, attach the SLO engine whose objective asks for it before, or leave it out.`,
      scope: path,
      details: { option: path, given: quote(key) },
    });
  }
}
