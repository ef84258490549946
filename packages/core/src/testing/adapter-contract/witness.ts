import { strict as assert } from "node:assert";
import type { Evaluator } from "../../evaluate/evaluator.ts";

/** An evaluator that remembers what it was shown. */
export interface Witness {
  readonly evaluator: Evaluator;
  /** The texts must be somewhere in what it saw last, in whatever form the framework has them. */
  assertSaw(texts: { readonly input: string; readonly output: string }): void;
}

/** Makes a witness of calls of one kind. */
export function createWitness(on: "model" | "tool"): Witness {
  let seen = { input: "", output: "" };
  return {
    evaluator: {
      name: "witness",
      on,
      evaluate({ input, output }) {
        seen = { input: JSON.stringify(input) ?? "", output: JSON.stringify(output) ?? "" };
        return { passed: true };
      },
    },
    assertSaw({ input, output }) {
      assert.ok(seen.input.includes(input), `the input is in ${seen.input}`);
      assert.ok(seen.output.includes(output), `the output is in ${seen.output}`);
    },
  };
}
