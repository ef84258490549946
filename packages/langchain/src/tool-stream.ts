import type { Permit } from "@burnrate/core";
import type { LoneRun } from "./lone-run.ts";
import { isObject, read } from "./shape.ts";
import { isBubbleUp } from "./to-error.ts";
import { settle, toToolResult } from "./to-outcome.ts";

/** Passes on a tool that answers in parts, and ends its call with it; undefined for other tools. */
export function passOnTool(
  permit: Permit,
  output: unknown,
  lone: LoneRun | undefined,
): AsyncGenerator | undefined {
  const isGenerator =
    isObject(output) &&
    typeof read(output, Symbol.asyncIterator) === "function" &&
    typeof read(output, "next") === "function";
  return isGenerator ? parts(permit, output as unknown as AsyncGenerator, lone) : undefined;
}

async function* parts(
  permit: Permit,
  generator: AsyncGenerator,
  lone: LoneRun | undefined,
): AsyncGenerator {
  let open = true;
  try {
    const output: unknown = yield* generator;
    open = false;
    await settle(permit, toToolResult(output, permit.wantsOutput));
    await lone?.end(output);
    return output;
  } catch (error) {
    if (open) await permit.fail(error, isBubbleUp(error) ? { abandoned: true } : {});
    open = false;
    await lone?.fail(error);
    throw error;
  } finally {
    if (open) {
      await permit.fail(undefined, { abandoned: true });
      lone?.abandon();
    }
  }
}
