import {
  checkArray,
  checkBoolean,
  checkObject,
  checkOneOf,
  checkString,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import { checkDuration, MINUTE_MS } from "../objective/duration.ts";
import type { AlertOption } from "../objective/objective.ts";
import {
  type OpenSloKind,
  type OpenSloObject,
  readMetadata,
  withPlace,
} from "./open-slo-object.ts";
import type { Registry } from "./registry.ts";

const POLICY_KEYS = [
  "description",
  "alertWhenNoData",
  "alertWhenResolved",
  "alertWhenBreaching",
  "conditions",
  "notificationTargets",
];
const CONDITION_KEYS = ["kind", "op", "threshold", "lookbackWindow", "alertAfter"];

/** One alert, and the condition that it was read from. */
export interface ReadAlert {
  readonly option: AlertOption;
  readonly condition: OpenSloObject;
}

/**
 * The alerts of an SLO; undefined when it names none, so that the defaults apply. `alertAfter` is
 * the short window: the burn must be as high over that time, too.
 * @throws {ConfigError} `BR9001`
 */
export function readAlerts(
  slo: OpenSloObject,
  value: unknown,
  registry: Registry,
): readonly ReadAlert[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) {
    throw optionError("spec.alertPolicies", value, "a list such as [{ alertPolicyRef: name }]");
  }
  return checkArray("spec.alertPolicies", value, 20).flatMap((one, index) => {
    const at = `spec.alertPolicies[${index}]`;
    const policy = resolve(slo, at, one, "AlertPolicy", "alertPolicyRef", registry);
    return withPlace(policy.place, () => readPolicy(policy, registry));
  });
}

/** Checks a policy that no SLO may name. @throws {ConfigError} `BR9001` */
export function readPolicy(policy: OpenSloObject, registry: Registry): readonly ReadAlert[] {
  const path = `${policy.at}spec`;
  const spec = checkObject(path, policy.spec);
  refuseUnknownKeys(path, spec, POLICY_KEYS);
  for (const key of ["alertWhenNoData", "alertWhenResolved", "alertWhenBreaching"]) {
    if (spec[key] !== undefined) checkBoolean(`${path}.${key}`, spec[key]);
  }
  const conditions = checkArray(`${path}.conditions`, spec["conditions"], 100);
  if (conditions.length !== 1) {
    throw optionError(`${path}.conditions`, spec["conditions"], "exactly one condition");
  }
  const at = `${path}.conditions[0]`;
  const kind = "AlertCondition";
  const condition = resolve(policy, at, conditions[0], kind, "conditionRef", registry);
  const option = withPlace(condition.place, () => readCondition(condition));
  const whenNoData = spec["alertWhenNoData"] === true;
  if (spec["alertWhenBreaching"] !== false) {
    return [{ option: { ...option, ...(whenNoData && { whenNoData }) }, condition }];
  }
  if (!whenNoData) return [];
  const field = `${path}.alertWhenNoData`;
  throw optionError(
    field,
    true,
    "false without alertWhenBreaching; for silence alone there is absenceRule",
  );
}

/** Checks a condition. @throws {ConfigError} `BR9001` */
export function readCondition({ spec, at }: OpenSloObject): AlertOption {
  const path = `${at}spec`;
  const given = checkObject(path, spec);
  refuseUnknownKeys(path, given, ["description", "severity", "condition"]);
  const inner = `${path}.condition`;
  const condition = checkObject(inner, given["condition"]);
  refuseUnknownKeys(inner, condition, CONDITION_KEYS);
  checkOneOf(`${inner}.kind`, condition["kind"] ?? "burnrate", ["burnrate"]);
  const op = condition["op"] ?? "gt";
  if (op !== "gt" && op !== "gte") {
    throw optionError(
      `${inner}.op`,
      op,
      '"gt" or "gte": it fires while the burn is above threshold',
    );
  }
  const after = condition["alertAfter"] ?? "0m";
  const threshold = condition["threshold"];
  if (typeof threshold !== "number" || !(threshold > 0)) {
    throw optionError(`${inner}.threshold`, threshold, "a number above 0: how many times too fast");
  }
  return {
    severity: checkOneOf(`${path}.severity`, given["severity"], ["page", "ticket"]),
    long: readDuration(`${inner}.lookbackWindow`, condition["lookbackWindow"], 5),
    ...(!isNone(after) && { short: readDuration(`${inner}.alertAfter`, after, 2) }),
    factor: threshold,
  };
}

/** A text that an alert of ours takes; how long it may be, the objective's window says later. */
function readDuration(path: string, given: unknown, minMinutes: number): string {
  checkDuration(path, given, { minMs: minMinutes * MINUTE_MS });
  return checkString(path, given);
}

/** `0m`, which OpenSLO has for at once. */
function isNone(duration: unknown): boolean {
  return typeof duration === "string" && /^0[smhdw]$/.test(duration);
}

/** Finds what is named, or takes what is written inline. */
function resolve(
  from: OpenSloObject,
  path: string,
  value: unknown,
  kind: OpenSloKind,
  refKey: string,
  registry: Registry,
): OpenSloObject {
  const expected = `{ ${refKey}: name } or an object of kind ${kind}`;
  const given = checkObject(path, value, expected);
  refuseUnknownKeys(path, given, [refKey, "kind", "metadata", "spec"]);
  const { [refKey]: reference, spec } = given;
  if ((reference === undefined) === (spec === undefined)) {
    throw optionError(path, value, `an object with either ${refKey} or a spec of its own`);
  }
  if (reference !== undefined) return registry.find(kind, `${path}.${refKey}`, reference);
  checkOneOf(`${path}.kind`, given["kind"], [kind]);
  const { name, annotations } = readMetadata(`${path}.metadata`, given["metadata"]);
  return { kind, name, annotations, spec, place: from.place, at: `${path}.` };
}
