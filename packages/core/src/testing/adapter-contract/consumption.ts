import type { ModelCall, ModelDriver } from "./driver.ts";

/** A stream that is being read in the background. */
export interface Consumption {
  /** Everything that came so far. */
  readonly text: string;
  readonly error: unknown;
  readonly ended: boolean;
  /** Resolves when the stream ended, in whatever way. */
  readonly end: Promise<void>;
}

/** Reads a stream of the driver to its end. */
export function consume(driver: ModelDriver, call: ModelCall): Consumption {
  const state = { text: "", error: undefined as unknown, ended: false, end: Promise.resolve() };
  state.end = (async () => {
    try {
      for await (const piece of await openStream(driver, call)) state.text += piece;
    } catch (error) {
      state.error = error;
    } finally {
      state.ended = true;
    }
  })();
  return state;
}

/** Opens a stream without reading it. */
export async function openStream(
  driver: ModelDriver,
  call: ModelCall,
): Promise<AsyncIterable<string>> {
  if (driver.stream === undefined) throw new TypeError("The driver has no stream().");
  return await driver.stream(call);
}
