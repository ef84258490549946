import { AsyncLocalStorage } from "node:async_hooks";
import type { BoundedMap } from "./bounded-map.ts";
import { readRunName } from "./run-task.ts";
import { read, readText } from "./shape.ts";

/** A tool that an agent is about to run. */
export interface AskedTool {
  readonly name: string;
  /** What LangChain calls its class. */
  readonly id: string;
}

const asked = new AsyncLocalStorage<AskedTool>();

/**
 * Runs a tool of an agent, of which callbacks hear inside of `fn`. LangChain tells them the class of
 * a tool that is an object of one, and not its name; budgets and kills go by the name.
 */
export function asAsked<T>(name: string, tool: unknown, fn: () => T): T {
  return asked.run({ name, id: String(read(tool, "lc_id")) }, fn);
}

/** The tool that an agent runs here. */
export function askedTool(): AskedTool | undefined {
  return asked.getStore();
}

/**
 * Remembers what a model's answer asks for, by the ids of its tool calls. Fields are read where they
 * stand: most answers ask for nothing, and this is on the way of each.
 */
export function noteAsked(names: BoundedMap<string>, output: unknown): void {
  try {
    const { generations } = output as { readonly generations: Answers };
    for (const answers of generations) {
      for (const { message } of answers) {
        const calls = message?.tool_calls;
        if (calls !== undefined && calls.length > 0) note(names, calls);
      }
    }
  } catch {
    // What cannot be read names nothing.
  }
}

type Answers = readonly (readonly {
  readonly message?: { readonly tool_calls?: readonly unknown[] };
}[])[];

function note(names: BoundedMap<string>, calls: readonly unknown[]): void {
  for (const call of calls) {
    const id = readText(call, "id");
    const name = readText(call, "name");
    if (id !== undefined && name !== undefined) names.set(id, name);
  }
}

/** What a start event says of a tool. */
interface StartedTool {
  readonly serialized: unknown;
  readonly runName: unknown;
  readonly toolCallId: unknown;
  /** The tool that an agent runs there. */
  readonly asked: AskedTool | undefined;
}

/** The name of a tool that starts: as it says itself, as it was asked for, or that of its class. */
export function readToolName(names: BoundedMap<string>, started: StartedTool): string {
  const { serialized, runName, toolCallId, asked: known } = started;
  if (runName === undefined && readText(serialized, "name") === undefined) {
    if (known !== undefined && known.id === String(read(serialized, "id"))) return known.name;
    const name = typeof toolCallId === "string" ? names.get(toolCallId) : undefined;
    if (name !== undefined) return name;
  }
  return readRunName(runName, serialized);
}
