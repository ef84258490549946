import { nearest, optionError, quote } from "@burnrate/core/adapter";
import { type OpenSloKind, type OpenSloObject, withPlace } from "./open-slo-object.ts";

/** The objects of a file by kind and name. */
export class Registry {
  readonly #byKind = new Map<OpenSloKind, Map<string, OpenSloObject>>();

  /** @throws {ConfigError} `BR9001` for a name that another object of the kind has. */
  constructor(objects: readonly OpenSloObject[]) {
    for (const object of objects) {
      const { kind, name, place } = object;
      const named = this.#byKind.get(kind) ?? new Map<string, OpenSloObject>();
      const first = named.get(name);
      if (first !== undefined) {
        withPlace(place, () => {
          const line = first.place.lineOf("metadata.name");
          throw optionError(
            "metadata.name",
            name,
            `unique: line ${line} has a ${kind} of this name`,
          );
        });
      }
      named.set(name, object);
      this.#byKind.set(kind, named);
    }
  }

  all(kind: OpenSloKind): readonly OpenSloObject[] {
    return [...(this.#byKind.get(kind)?.values() ?? [])];
  }

  /** @throws {ConfigError} `BR9001` for a name that no object of the kind has. */
  find(kind: OpenSloKind, path: string, name: unknown): OpenSloObject {
    const named = this.#byKind.get(kind);
    const found = typeof name === "string" ? named?.get(name) : undefined;
    if (found !== undefined) return found;
    const names = [...(named?.keys() ?? [])];
    const known = names.length === 0 ? "it has none" : names.slice(0, 20).map(quote).join(", ");
    throw optionError(path, name, `the name of an object of kind ${kind} in this file (${known})`, {
      nearest: typeof name === "string" ? nearest(name, names) : undefined,
    });
  }
}
