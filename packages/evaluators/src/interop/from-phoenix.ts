import { checkMethods, optionError } from "@burnrate/core/adapter";
import type { TextEvaluator } from "../evaluator.ts";
import { isRecord, read } from "../shape.ts";
import { type BagField, FIELD_NAMES } from "./bag.ts";
import { foreignEvaluator } from "./foreign-evaluator.ts";
import type { Direction, ForeignOptions } from "./foreign-options.ts";

/** An evaluator of `@arizeai/phoenix-evals`. */
export interface PhoenixEvaluator {
  readonly name: string;
  readonly optimizationDirection?: string | undefined;
  evaluate(example: never): unknown;
}

const DIRECTIONS: Readonly<Record<string, Direction>> = {
  MAXIMIZE: "maximize",
  MINIMIZE: "minimize",
};

/**
 * An evaluator of `@arizeai/phoenix-evals`, with its own name and `optimizationDirection`; a
 * neutral one, such as `refusal`, needs `direction`, and so does one of `createEvaluator` whose low
 * scores are good, because that calls everything `MAXIMIZE`. What its template reads must be there,
 * under a name that we know: bind others with Phoenix's `bindEvaluator`. The AI SDK underneath
 * repeats failed calls twice, with pauses, within `timeoutMs`.
 * @example
 * const toxicity = bindEvaluator(createToxicityEvaluator({ model }), { inputMapping: { text: "output" } });
 * createGuard({ evaluators: [fromPhoenix(toxicity, { mode: "background" })] });
 * @throws {ConfigError} `BR9001`
 */
export function fromPhoenix(
  evaluator: PhoenixEvaluator,
  options: ForeignOptions = {},
): TextEvaluator {
  checkMethods("fromPhoenix()", evaluator, ["evaluate"]);
  const name = read(evaluator, "name");
  const direction = DIRECTIONS[`${read(evaluator, "optimizationDirection")}`];
  const known = {
    name: typeof name === "string" ? name : undefined,
    direction,
    requires: fieldsOf(evaluator),
  };
  return foreignEvaluator("fromPhoenix", options, known, (bag) => evaluator.evaluate(bag as never));
}

/**
 * What a template reads and nobody maps; a name that nobody provides would be left blank in
 * silence.
 */
function fieldsOf(evaluator: PhoenixEvaluator): readonly BagField[] {
  const variables = read(evaluator, "promptTemplateVariables");
  if (!Array.isArray(variables)) return [];
  const mapping = read(evaluator, "inputMapping");
  const mapped = isRecord(mapping) ? Object.keys(mapping) : [];
  const fields = variables
    .filter((variable) => !mapped.includes(variable))
    .map((variable) => {
      const found = Object.entries(FIELD_NAMES).find(([, names]) => names.includes(variable));
      if (found !== undefined) return found[0];
      const expected = "bound to what there is: bindEvaluator(evaluator, { inputMapping: … })";
      throw optionError(`fromPhoenix(): the template's ${variable}`, undefined, expected);
    });
  return [...new Set(fields)].filter((field) => isField(field));
}

function isField(field: string): field is BagField {
  return field === "input" || field === "expected" || field === "context";
}
