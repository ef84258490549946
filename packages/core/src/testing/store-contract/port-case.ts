import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { systemClock } from "../../ports/clock.ts";
import type { PortContractOptions } from "./options.ts";

/** One port of a store under trial. */
export interface PortCase<P> {
  readonly port: P;
  /** Another connection to the same data; the same port where a store has only one. */
  readonly other: P;
  /** Begins every name of the case: nobody else uses it. */
  readonly prefix: string;
  /** The time by the store's clock, or near it. */
  readonly nowMs: number;
}

/** Registers a case on a port, and closes what it opened. A store without the port passes. */
export function portCase<P>(
  options: PortContractOptions<P>,
  name: string,
  run: (trial: PortCase<P>) => Promise<void>,
): void {
  const { create, reopen, close, nowMs = systemClock.wallMs } = options;
  options.test(name, async () => {
    try {
      const port = await create();
      if (port === undefined) return;
      const other = (await reopen?.()) ?? port;
      await run({ port, other, prefix: randomUUID(), nowMs: nowMs() });
    } finally {
      await close?.();
    }
  });
}

/** Registers a case in which a port is closed and opened again on the way; for durable stores. */
export function restartedPortCase<P>(
  options: PortContractOptions<P>,
  name: string,
  run: (trial: PortCase<P>, restart: () => Promise<P>) => Promise<void>,
): void {
  const { create, reopen, close, nowMs = systemClock.wallMs } = options;
  if (reopen === undefined) return;
  options.test(name, async () => {
    const open = async (make: typeof create): Promise<P> => {
      const port = await make();
      assert.ok(port !== undefined, "what outlives its process has this port");
      return port;
    };
    try {
      const port = await open(create);
      await run({ port, other: port, prefix: randomUUID(), nowMs: nowMs() }, async () => {
        await close?.();
        return open(reopen);
      });
    } finally {
      await close?.();
    }
  });
}
