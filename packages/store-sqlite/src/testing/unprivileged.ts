import { chmodSync, chownSync } from "node:fs";
import { dirname, join } from "node:path";
import { sqliteStore } from "../sqlite-store.ts";

const { path } = JSON.parse(process.argv[2] ?? "{}") as { readonly path: string };

/** Nobody, as systems number him: root may write what is read-only. */
const NOBODY = 65_534;

// The file can be read and not written; so can its folder.
chmodSync(path, 0o444);
chmodSync(dirname(path), 0o555);
if (process.getuid?.() === 0) process.seteuid?.(NOBODY);
for (const wrong of [path, join(dirname(path), "new", "state.db")]) {
  const { ledger } = sqliteStore({ path: wrong });
  try {
    await ledger.ready();
    process.send?.({ message: "it opened" });
  } catch (error) {
    process.send?.({ message: (error as Error).message });
  }
  await ledger.close();
}
if (process.getuid?.() === 0) process.seteuid?.(0);
chownSync(path, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
chmodSync(dirname(path), 0o700);
process.disconnect();
