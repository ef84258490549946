/** The keys of a table that belong to each task, for a limit that is split by more than tasks. */
export class KeysByTask {
  readonly #taskOf: (key: string) => string;
  readonly #keys = new Map<string, Set<string>>();

  constructor(taskOf: (key: string) => string) {
    this.#taskOf = taskOf;
  }

  add(key: string): void {
    const task = this.#taskOf(key);
    const keys = this.#keys.get(task);
    if (keys === undefined) this.#keys.set(task, new Set([key]));
    else keys.add(key);
  }

  delete(key: string): void {
    const task = this.#taskOf(key);
    const keys = this.#keys.get(task);
    if (keys?.delete(key) === true && keys.size === 0) this.#keys.delete(task);
  }

  /** They may be deleted while they are read. */
  of(task: string): Iterable<string> {
    return this.#keys.get(task) ?? [];
  }
}
