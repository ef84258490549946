import { redisStore } from "../redis-store.ts";
import { ioRedisDriver, nodeRedisDriver } from "./drivers.ts";

/** Uses a store, closes only its own client, and has nothing else to do: it must end by itself. */
const [, , name, url = ""] = process.argv;
const { connect, closeAll } = name === "redis" ? nodeRedisDriver() : ioRedisDriver();
const { ledger, killLog } = redisStore({ client: await connect(url) });
await ledger.ready();
let told = 0;
killLog.subscribe(() => told++);
await killLog.append({ kind: "revive", id: "k", reason: "r", by: "b", atMs: 1 });
await ledger.balances([]);
if (told !== 1) throw new Error("the line was not told");
closeAll();
process.channel?.unref();
