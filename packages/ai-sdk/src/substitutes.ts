import { ConfigError, type Guard, type SubstituteModel } from "@burnrate/core";
import { checkModelKeys, checkObject, optionError, quote } from "@burnrate/core/adapter";
import { providerOf } from "./guarded.ts";
import { kindOf, versionOf } from "./model-kind.ts";
import type { ModelIdentity, ModelObject } from "./sdk-types.ts";

type Offered = Readonly<Record<string, SubstituteModel>>;

/** What becomes of models that cannot take the place of the one that was asked for. */
export type Fit = "all must fit" | "where they fit";

/** The models that a hook can call in the place of the one that was asked for. */
export interface Substitutes {
  /**
   * What the guard may choose from for a model; undefined when nothing fits.
   * @throws {ConfigError} `BR9001` when all must fit and one does not.
   */
  offeredFor(asked: ModelIdentity): Offered | undefined;
  get(key: string): ModelObject;
}

/**
 * Reads the option `models`.
 * @throws {ConfigError} `BR9001` for anything but model objects.
 */
export function checkModels(guard: Guard, path: string, given: unknown, fit: Fit): Substitutes {
  const models = new Map<string, ModelObject>();
  for (const [key, model] of Object.entries(checkObject(path, given))) {
    if (kindOf(model) === undefined) {
      throw optionError(`${path}[${quote(key)}]`, model, "a model object");
    }
    models.set(key, model as ModelObject);
  }
  checkModelKeys(path, Object.fromEntries(models), guard);
  const known = new WeakMap<object, { readonly offered: Offered | undefined }>();

  function findFor(asked: ModelIdentity): Offered | undefined {
    const offered: [string, SubstituteModel][] = [];
    for (const [key, model] of models) {
      const named = { provider: providerOf(model), name: model.modelId };
      if (canReplace(asked, model)) offered.push([key, named]);
      else if (fit === "all must fit") throw unfit(`${path}[${quote(key)}]`, asked, model);
    }
    return offered.length === 0 ? undefined : Object.freeze(Object.fromEntries(offered));
  }

  return {
    offeredFor(asked) {
      let found = known.get(asked);
      if (found === undefined) {
        found = { offered: findFor(asked) };
        known.set(asked, found);
      }
      return found.offered;
    },
    get: (key) => models.get(key) as ModelObject,
  };
}

/** The framework reads an answer as the asked model's specification has it. */
function canReplace(asked: object, model: ModelObject): boolean {
  const kind = kindOf(asked);
  return kind !== "audio" && kind === kindOf(model) && versionOf(asked) === versionOf(model);
}

function unfit(path: string, asked: ModelIdentity, model: ModelObject): ConfigError {
  const name = (one: object): string =>
    `a model of the kind "${kindOf(one)}" and of specification ${quote(String(versionOf(one)))}`;
  return new ConfigError({
    message: `${path} is ${name(model)} and cannot take the place of ${quote(asked.modelId)}, ${name(asked)}. Give one of the same kind (not audio; language models are told by their supportedUrls), from a provider of the same generation.`,
    scope: path,
  });
}
