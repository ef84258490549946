import type { Guard, Permit, SubstituteModel } from "@burnrate/core";
import { checkModelKeys, checkObject, optionError } from "@burnrate/core/adapter";
import { describeModel, ownName } from "./describe-model.ts";
import { isInherited, isModel } from "./model-shape.ts";
import { canSendLimit, invocationParams } from "./output-limit.ts";
import { read } from "./shape.ts";
import { toModelCall } from "./to-call.ts";
import { originalOf } from "./wrap-once.ts";

/** Models to call in the place of a guarded one, by the key that a threshold names. */
export type SubstituteModels = Readonly<Record<string, object>>;

type Method = (...args: never[]) => unknown;

/** What a hook can call instead of its model. */
export interface Substitutes {
  /** What the core is told of them. */
  readonly named: Readonly<Record<string, SubstituteModel>>;
  /** Whether each of them sends an output limit that we set. */
  readonly canLimit: boolean;
  /** The model that a permit asks for; undefined for the hook's own. */
  chosen(permit: Permit): object | undefined;
}

/**
 * Looks at the `models` option once, when a model is guarded.
 * @throws {ConfigError} `BR9001` for what is no model of LangChain's.
 */
export function readSubstitutes(
  guard: Guard,
  option: SubstituteModels | undefined,
): Substitutes | undefined {
  if (option === undefined) return undefined;
  const models = new Map<string, object>();
  const named: Record<string, SubstituteModel> = {};
  for (const [key, value] of Object.entries(checkObject("models", option))) {
    const { model, provider } = bareModel(guard, value, key);
    models.set(key, model);
    named[key] = nameOf(model, provider);
  }
  checkModelKeys("models", option, guard);
  return {
    named,
    canLimit: [...models.values()].every(canSendLimit),
    chosen: ({ substitute }) => (substitute === undefined ? undefined : models.get(substitute)),
  };
}

/** What may be called, and whose prices apply where its own `guardModel` was told. */
interface BareModel {
  readonly model: object;
  readonly provider: string | undefined;
}

/** Its own guard would count the call again, and its bound tools are the original's to say. */
function bareModel(guard: Guard, value: unknown, key: string): BareModel {
  const outer = originalOf<PricedBy>(guard, value);
  const open = outer?.target ?? value;
  const bound = isModel(open) ? open : read(open, "bound");
  const inner = originalOf<PricedBy>(guard, bound);
  const model = inner?.target ?? bound;
  const provider = outer?.options.provider ?? inner?.options.provider;
  if (isModel(model)) return { model, provider };
  throw optionError(`models.${key}`, value, "a model of LangChain's");
}

/** An option of `guardModel`. */
interface PricedBy {
  readonly provider?: string;
}

function nameOf(model: object, billedBy: string | undefined): SubstituteModel {
  const { provider, name } = toModelCall({
    params: invocationParams(model, {}),
    described: describeModel(model),
    fallbackName: () => ownName(model),
    namespace: () => read(model, "lc_namespace"),
    input: undefined,
    signal: undefined,
    canLimit: false,
    provider: billedBy,
  });
  return provider === undefined ? { name } : { provider, name };
}

/** The method of a substitute that does what the original was asked for. */
export function substituteMethod(model: object, key: PropertyKey): Method {
  const streams = key === "_streamResponseChunks" && !isInherited(model, key);
  if (streams || key !== "_streamResponseChunks") return read(model, key) as Method;
  return answerAtOnce as Method;
}

/** For a substitute that does not stream: its answer is the only part. */
async function* answerAtOnce(
  this: { _generate(...args: unknown[]): Promise<unknown> },
  ...args: unknown[]
): AsyncGenerator<unknown, void, undefined> {
  const generations = read(await this._generate(...args), "generations");
  if (Array.isArray(generations)) yield* generations;
}
