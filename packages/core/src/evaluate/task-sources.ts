import { NO_SOURCES, type Source } from "./source.ts";

/** Most sources of a task. */
export const MAX_TASK_SOURCES = 256;
/** Most characters of a task's sources together. */
export const MAX_TASK_LENGTH = 262_144;

/**
 * What the answers of one task may rely on, oldest first. The list is replaced and never changed,
 * so that an evaluation holds what was known when its call ended.
 */
export class TaskSources {
  list: readonly Source[];
  /** Of all texts together, in UTF-16 code units. */
  length: number;
  /** How many of the last ones were found by the task itself; the others were there before it. */
  #own = 0;

  constructor(before?: TaskSources) {
    this.list = before?.list ?? NO_SOURCES;
    this.length = before?.length ?? 0;
  }

  /** What the task found itself. */
  get own(): readonly Source[] {
    return this.#own === 0 ? NO_SOURCES : this.list.slice(-this.#own);
  }

  /** Adds what is not there yet; the oldest make room. Returns how many had to. */
  add(sources: readonly Source[]): number {
    const list = [...this.list];
    for (const source of sources) {
      if (list.some((held) => isSame(held, source))) continue;
      list.push(source);
      this.length += source.text.length;
      this.#own++;
    }
    let gone = 0;
    while (list.length - gone > MAX_TASK_SOURCES || this.length > MAX_TASK_LENGTH) {
      this.length -= (list[gone] as Source).text.length;
      gone++;
    }
    this.list = Object.freeze(list.slice(gone));
    this.#own = Math.min(this.#own, this.list.length);
    return gone;
  }
}

function isSame(one: Source, other: Source): boolean {
  return one.text === other.text && one.url === other.url && one.id === other.id;
}
