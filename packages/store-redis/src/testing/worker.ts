import { randomUUID } from "node:crypto";
import { redisStore } from "../redis-store.ts";
import { ioRedisDriver, nodeRedisDriver } from "./drivers.ts";
import { accountOf } from "./world.ts";

/** What a worker is told by its parent, and what it tells. */
export interface WorkerTask {
  readonly url: string;
  readonly key: string;
  readonly limit: number;
  readonly calls: number;
  readonly expiresInMs: number;
  readonly driver: "redis" | "ioredis";
}

/** Said before anything is sent to the provider: from then on it bills. */
export interface WorkerReport {
  readonly billed: number;
}

const AT_ONCE = 16;

/** Makes calls that use less than they reserve until nothing fits, as a guard would. */
async function work({ url, key, limit, calls, expiresInMs, driver }: WorkerTask): Promise<void> {
  const { connect, closeAll } = driver === "redis" ? nodeRedisDriver() : ioRedisDriver();
  const { ledger } = redisStore({ client: await connect(url) });
  await ledger.ready();
  const account = accountOf(limit, { key });
  let left = calls;
  const call = async (): Promise<void> => {
    while (left-- > 0) {
      const reserved = 20 + (left % 30);
      const used = reserved - (left % 3);
      const id = randomUUID();
      const given = { id, accounts: [account], amounts: [reserved], dispatched: true };
      const { results } = await ledger.reserve([{ ...given, expiresInMs, atMs: Date.now() }]);
      if (results[0]?.kind !== "reserved") continue;
      await tell({ billed: used });
      await ledger.settle([{ id, as: "settled", amounts: [used] }]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, call));
  await ledger.close();
  closeAll();
}

/** Resolves once the parent's end of the pipe has it: a kill cannot take it back. */
function tell(report: WorkerReport): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(report, undefined, {}, (error) => (error === null ? resolve() : reject(error)));
  });
}

process.once("message", (task: WorkerTask) => {
  work(task).then(
    () => process.disconnect(),
    () => process.exit(1),
  );
});
