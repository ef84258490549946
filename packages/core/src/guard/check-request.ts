import type { CallRequest } from "../call/call-request.ts";
import { checkMethods, checkObject, checkOneOf, checkString } from "../config/check-object.ts";
import { optionError } from "../config/option-error.ts";
import { checkEstimate } from "./check-estimate.ts";

/** Longest name of a model or tool; no framework has longer ones. */
const MAX_NAME = 500;
const SIGNAL = ["addEventListener", "removeEventListener", "throwIfAborted"];

/**
 * Refuses what is no request. The common case costs a few comparisons; everything else gets a proper
 * error.
 * @throws {ConfigError} `BR9001`
 */
export function checkRequest(request: CallRequest): void {
  const kind = request?.kind;
  const known = (kind === "model" || kind === "tool") && isShortName(request.name);
  if (!known) {
    checkObject("request", request);
    checkOneOf("request.kind", kind, ["model", "tool"]);
    checkString("request.name", request.name, MAX_NAME);
  }
  const { provider, bound, estimate } = request;
  if (estimate !== undefined) checkEstimate(estimate);
  if (provider !== undefined && typeof provider !== "string") {
    throw optionError("request.provider", provider, "a text");
  }
  if (bound !== undefined && bound !== "assumed") {
    checkOneOf("request.bound", bound, ["enforced", "assumed"]);
  }
  if (request.idempotencyKey !== undefined) {
    checkString("request.idempotencyKey", request.idempotencyKey, MAX_NAME);
  }
  if (request.models !== undefined) checkModels(request.models);
  if (request.signal !== undefined) checkMethods("request.signal", request.signal, SIGNAL);
  if (request.task !== undefined && typeof request.task?.run !== "function")
    checkMethods("request.task", request.task, ["run"]);
}

/** Looked at for each call of a hook that has any: names are all that is used of them. */
function checkModels(models: NonNullable<CallRequest["models"]>): void {
  for (const key of Object.keys(models)) {
    const model = models[key];
    if (isShortName(model?.name) && isShortName(model?.provider ?? "-")) continue;
    throw optionError(
      `request.models.${key}`,
      model,
      "an object with a name, and a provider if known",
    );
  }
}

function isShortName(name: unknown): boolean {
  return typeof name === "string" && name.length > 0 && name.length <= 200;
}
