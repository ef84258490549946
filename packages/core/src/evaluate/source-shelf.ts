import type { Told } from "../call/call-end.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { CallResult } from "../call/permit.ts";
import type { ContextFrame } from "../context/context-frame.ts";
import type { TaskRegistry } from "../task/task-registry.ts";
import { NO_SOURCES, type Source } from "./source.ts";
import { TaskSources } from "./task-sources.ts";
import { type ReadSources, readGivenSources, readOutput } from "./to-sources.ts";

/** Most characters of the sources of all tasks that run: some 64 MB at most. */
const MAX_LENGTH = 33_554_432;

/**
 * What the answers of each running task may rely on, gathered only while some evaluator asks for it
 * and forgotten when the task ends. Gathering never fails a call: what is lost is counted.
 *
 * A task knows what the task around it knew when it began, and what was found in it; what was found
 * in it is the outer one's once it has ended. So tasks that run beside each other share nothing.
 */
export class SourceShelf {
  readonly #isWanted: boolean;
  readonly #tasks: TaskRegistry;
  readonly #shelf = new Map<string, TaskSources>();
  #length = 0;
  #dropped = 0;

  constructor(isWanted: boolean, tasks: TaskRegistry) {
    this.#isWanted = isWanted;
    this.#tasks = tasks;
  }

  /** Sources that made room for others, did not fit or could not be read. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Tasks that have sources here and now. */
  get size(): number {
    return this.#shelf.size;
  }

  /** Whether what a call brings is of use: to its task, or to whoever judges the call itself. */
  wants({ purpose, tasks, kind }: GuardedCall, isJudged: boolean): boolean {
    if (!this.#isWanted || purpose !== "agent") return false;
    return (isJudged && kind === "model") || this.#innermost(tasks) !== undefined;
  }

  /** A task begins, with what the one around it knows. */
  open(id: string, outer: ContextFrame): void {
    if (!this.#isWanted || outer.tasks.length === 0) return;
    const around = this.#shelfOf(outer.tasks);
    if (around !== undefined) this.#put(id, new TaskSources(around));
  }

  /** A task has ended: what it found is the outer one's, what it relied on is returned. */
  close({ tasks }: ContextFrame): readonly Source[] {
    if (this.#shelf.size === 0) return NO_SOURCES;
    const id = tasks.at(-1);
    const held = id === undefined ? undefined : this.#shelf.get(id);
    if (id === undefined || held === undefined) return NO_SOURCES;
    this.#shelf.delete(id);
    this.#length -= held.length;
    this.#addTo(this.#innermost(tasks), held.own);
    return held.list;
  }

  /** What is known in a task by now. */
  known({ tasks, purpose }: ContextFrame): readonly Source[] {
    return this.#isWanted && purpose === "agent"
      ? this.#listOf(this.#innermost(tasks))
      : NO_SOURCES;
  }

  /** Adds sources that somebody names. */
  add({ tasks, purpose }: ContextFrame, given: unknown, from = "application"): void {
    const id = this.#isWanted && purpose === "agent" ? this.#innermost(tasks) : undefined;
    if (id !== undefined) this.#addTo(id, this.#counted(readGivenSources(given, from)));
  }

  /**
   * Adds what a call brought to its task, and tells what the call's own answer may rely on: for a
   * tool what was known before it, for a model what it cites as well.
   */
  gather(call: GuardedCall, told: Told<CallResult>): readonly Source[] {
    if (!this.#isWanted || call.purpose !== "agent") return NO_SOURCES;
    const id = this.#innermost(call.tasks);
    const before = this.#listOf(id);
    const found = this.#counted(sourcesIn(call, told));
    if (found.length === 0) return before;
    this.#addTo(id, found);
    if (call.kind === "tool") return before;
    return id === undefined ? Object.freeze([...found]) : this.#listOf(id);
  }

  #counted({ sources, lost }: ReadSources): readonly Source[] {
    this.#dropped += lost;
    return sources;
  }

  #addTo(id: string | undefined, sources: readonly Source[]): void {
    if (id === undefined || sources.length === 0) return;
    const held = this.#shelf.get(id) ?? this.#put(id, new TaskSources());
    const room = MAX_LENGTH - this.#length;
    if (sources.reduce((sum, { text }) => sum + text.length, 0) > room) {
      this.#dropped += sources.length;
      return;
    }
    const before = held.length;
    this.#dropped += held.add(sources);
    this.#length += held.length - before;
  }

  #put(id: string, sources: TaskSources): TaskSources {
    this.#shelf.set(id, sources);
    this.#length += sources.length;
    return sources;
  }

  #listOf(id: string | undefined): readonly Source[] {
    return (id === undefined ? undefined : this.#shelf.get(id)?.list) ?? NO_SOURCES;
  }

  #shelfOf(tasks: readonly string[]): TaskSources | undefined {
    const id = this.#innermost(tasks);
    return id === undefined ? undefined : this.#shelf.get(id);
  }

  /** Only what runs here can be forgotten in time: an ended task gets nothing more. */
  #innermost(tasks: readonly string[]): string | undefined {
    return tasks.findLast((id) => this.#tasks.has(id));
  }
}

/** A hook may name the sources; of a tool it is else everything that it returned. */
function sourcesIn(call: GuardedCall, told: Told<CallResult>): ReadSources {
  try {
    const { sources, output } = told;
    if (sources !== undefined) {
      return readGivenSources(sources, call.kind === "tool" ? call.name : "model");
    }
    if (call.kind === "tool") return readOutput(output, call.name);
    return { sources: NO_SOURCES, lost: 0 };
  } catch {
    return { sources: NO_SOURCES, lost: 1 };
  }
}
