import { sqliteStore } from "../sqlite-store.ts";
import { accountOf } from "./accounts.ts";

/** Uses a store, leaves it open, and has nothing more to do. */
const { path } = JSON.parse(process.argv[2] ?? "{}") as { readonly path: string };
const { ledger, killLog } = sqliteStore({ path });
killLog.subscribe(() => {});
await ledger.balances([accountOf("any", 1)]);
process.send?.({ idle: true });
process.channel?.unref();
