import { isObject, type Loose } from "./shape.ts";

type Tell = (...args: unknown[]) => unknown;

/**
 * Tokens that a model tells its callbacks by itself, beside the parts of its stream: held back like
 * those, for a handler may show them to somebody.
 */
export class HeldTokens {
  #told: (() => unknown)[] = [];

  /** The run manager of a call, which passes no token on yet. */
  behind(runManager: unknown): unknown {
    if (!isObject(runManager)) return runManager;
    const tell = (...args: unknown[]): Promise<void> => {
      this.#told.push(() => (runManager["handleLLMNewToken"] as Tell)(...args));
      return Promise.resolve();
    };
    return new Proxy(runManager, {
      get(target: Loose, key) {
        const value = target[key];
        if (typeof value !== "function") return value;
        return key === "handleLLMNewToken" ? tell : value.bind(target);
      },
    });
  }

  /** What was told since the last time: to be told in this order, once it may. */
  take(): readonly (() => unknown)[] {
    return this.#told.splice(0);
  }

  /** Tells all that was held. */
  async tell(): Promise<void> {
    for (const token of this.take()) await token();
  }
}
