import { ConfigError, isGuardError } from "@burnrate/core";
import { checkObject, checkOneOf, checkString, refuseUnknownKeys } from "@burnrate/core/adapter";

/** Kinds of OpenSLO v1. Data sources and notification targets are read and left alone. */
export type OpenSloKind =
  | "SLO"
  | "SLI"
  | "AlertPolicy"
  | "AlertCondition"
  | "Service"
  | "DataSource"
  | "AlertNotificationTarget";

const KINDS: readonly OpenSloKind[] = [
  "SLO",
  "SLI",
  "AlertPolicy",
  "AlertCondition",
  "Service",
  "DataSource",
  "AlertNotificationTarget",
];

/** A checked object's fields, by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** Where a value was written, so that an error can say so. */
export interface Place {
  readonly file: string;
  /** The line of a path such as `spec.objectives[0].target`, or of what is nearest above it. */
  readonly lineOf: (path: string) => number;
}

/** One object of a file with its name; its `spec` is not looked into yet. */
export interface OpenSloObject {
  readonly kind: OpenSloKind;
  readonly name: string;
  readonly annotations: Fields;
  readonly spec: unknown;
  readonly place: Place;
  /** Where in the place it begins: empty, or `spec.indicator.` for one that is written inline. */
  readonly at: string;
}

/** @throws {ConfigError} `BR9001` without a line; see {@link withPlace}. */
export function readObject(value: unknown, place: Place): OpenSloObject {
  return withPlace(place, () => {
    const given = checkObject("object", value, "one with apiVersion, kind, metadata and spec");
    checkOneOf("apiVersion", given["apiVersion"], ["openslo/v1"]);
    const kind = checkOneOf("kind", given["kind"], KINDS);
    refuseUnknownKeys("object", given, ["apiVersion", "kind", "metadata", "spec"]);
    const { name, annotations } = readMetadata("metadata", given["metadata"]);
    return { kind, name, annotations, spec: given["spec"], place, at: "" };
  });
}

/** @throws {ConfigError} `BR9001` */
export function readMetadata(
  path: string,
  value: unknown,
): { readonly name: string; readonly annotations: Fields } {
  const metadata = checkObject(path, value);
  refuseUnknownKeys(path, metadata, ["name", "displayName", "labels", "annotations"]);
  const name = checkString(`${path}.name`, metadata["name"]);
  checkObject(`${path}.labels`, metadata["labels"] ?? {});
  const annotations = checkObject(`${path}.annotations`, metadata["annotations"] ?? {});
  return { name, annotations };
}

/** Runs a check; what it refuses is told with file and line. */
export function withPlace<T>(place: Place, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw placed(error, place, isGuardError(error) ? pathOf(error) : "");
  }
}

/** The error with file and line in front; anything else as it is. */
export function placed(error: unknown, { file, lineOf }: Place, path: string): unknown {
  if (!isGuardError(error) || error.details["line"] !== undefined) return error;
  const line = lineOf(path);
  const reason = error.message.slice(error.code.length + 1).replace(/^object\b/, "this object");
  return new ConfigError({
    message: `${file}:${line}: ${reason}`,
    scope: path === "" ? file : path,
    details: { ...error.details, file, line, reason },
  });
}

/** Of an unknown field the field itself, otherwise the value that is wrong. */
function pathOf({ scope = "", details, message }: ConfigError): string {
  const path = scope.replace(/^object\b\.?/, "");
  const given = details["given"];
  const isUnknown = message.includes(" has no option ") && typeof given === "string";
  if (!isUnknown) return path;
  return `${path === "" ? "" : `${path}.`}${given.slice(1, -1)}`;
}
