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

/** Remembers what a model's answer asks for, by the ids of its tool calls. */
export function noteAsked(names: BoundedMap<string>, output: unknown): void {
  for (const answers of listIn(output, "generations")) {
    for (const answer of Array.isArray(answers) ? answers : []) {
      for (const call of listIn(read(answer, "message"), "tool_calls")) {
        const id = readText(call, "id");
        const name = readText(call, "name");
        if (id !== undefined && name !== undefined) names.set(id, name);
      }
    }
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

function listIn(value: unknown, key: string): readonly unknown[] {
  const list = read(value, key);
  return Array.isArray(list) ? list : [];
}
