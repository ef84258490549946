import type { Permit } from "@burnrate/core";
import { isObject, read } from "./shape.ts";
import { isBubbleUp } from "./to-error.ts";
import { settle, toToolResult } from "./to-outcome.ts";

/** Passes on a tool that answers in parts, and ends its call with it; undefined for other tools. */
export function passOnTool(permit: Permit, output: unknown): AsyncGenerator | undefined {
  const isGenerator =
    isObject(output) &&
    typeof read(output, Symbol.asyncIterator) === "function" &&
    typeof read(output, "next") === "function";
  return isGenerator ? parts(permit, output as unknown as AsyncGenerator) : undefined;
}

async function* parts(permit: Permit, generator: AsyncGenerator): AsyncGenerator {
  let open = true;
  try {
    const output: unknown = yield* generator;
    open = false;
    await settle(permit, toToolResult(output, permit.wantsOutput));
    return output;
  } catch (error) {
    if (open) await permit.fail(error, isBubbleUp(error) ? { abandoned: true } : {});
    open = false;
    throw error;
  } finally {
    if (open) await permit.fail(undefined, { abandoned: true });
  }
}
