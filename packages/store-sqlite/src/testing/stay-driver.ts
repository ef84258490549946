import { DatabaseSync } from "node:sqlite";

// Keeps its thread alive, also after all files are closed.
setInterval(() => {}, 1_000_000);

// biome-ignore lint/style/noDefaultExport: a driver is the default export of its module
export default DatabaseSync;
