import { fileURLToPath } from "node:url";

/** Starts the example's server as a process of its own. */
export const command: { command: string; args: string[] } = {
  command: process.execPath,
  args: [fileURLToPath(new URL("server.ts", import.meta.url))],
};
