import {
  checkObject,
  checkOneOf,
  checkString,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import type { NoDataPolicy } from "../objective/method.ts";
import type { ObjectiveOptions } from "../objective/objective.ts";
import type { OpenSloObject } from "./open-slo-object.ts";

/** The annotation of an SLO that holds, as JSON, what OpenSLO has no field for. */
export const EXTRAS: string = "burnrate.dev/objective";

/** What that is. */
export interface ReadExtras {
  /** Where it is no name of OpenSLO's. */
  readonly name: string | undefined;
  readonly noData: NoDataPolicy | undefined;
  readonly options: Pick<ObjectiveOptions, "actions" | "sources" | "minCoverage">;
}

const PATH = "metadata.annotations";

/** @throws {ConfigError} `BR9001` */
export function readExtras({ annotations }: OpenSloObject): ReadExtras {
  const text = annotations[EXTRAS];
  if (text === undefined) return { name: undefined, noData: undefined, options: {} };
  const extras = checkObject(PATH, parse(text));
  refuseUnknownKeys(PATH, extras, ["name", "noData", "actions", "sources", "minCoverage"]);
  const { name, noData, ...options } = extras;
  return {
    name: name === undefined ? undefined : checkString(`${PATH}.name`, name),
    noData:
      noData === undefined
        ? undefined
        : checkOneOf(`${PATH}.noData`, noData, ["ignore", "good", "bad"]),
    options: options as ReadExtras["options"],
  };
}

function parse(text: unknown): unknown {
  try {
    return JSON.parse(text as string);
  } catch {
    throw optionError(PATH, text, `an object with JSON under ${EXTRAS}`);
  }
}
