import { sqliteStore } from "../sqlite-store.ts";

/** Tells its parent of each line of the kill log, and how long it took to hear of it. */
const { path } = JSON.parse(process.argv[2] ?? "{}") as { readonly path: string };
const { killLog } = sqliteStore({ path });
process.on("disconnect", () => process.exit(0));

killLog.subscribe(({ epoch, atMs }) => {
  process.send?.({ epoch, lateMs: performance.timeOrigin + performance.now() - atMs });
});
await killLog.read(0);
process.send?.({ ready: true });
