import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import type { Watched } from "./deny-network.ts";

const PRELOAD = new URL("./deny-network.ts", import.meta.url).href;
const PROGRAM = fileURLToPath(new URL("./use-everything.ts", import.meta.url));
const PACKAGES = new URL("../../../", import.meta.url).href;
/** A busy machine takes its time to load every package. */
const TIMEOUT_MS = 30_000;
const ADAPTERS = ["ai-sdk", "langchain", "mcp"];
const STORES = ["store-postgres", "store-redis", "store-sqlite"];
const PUBLISHED = [...ADAPTERS, ...STORES, "burnrate", "core", "pricing"];

/** Runs a program in a process of its own without network; what it printed last. */
async function offline<T>(...program: string[]): Promise<T & Watched> {
  const flags = ["--conditions=@burnrate/source", "--import", PRELOAD];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, ...program], {
    timeout: TIMEOUT_MS,
  });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T & Watched;
}

it(
  "importing and using every package tries no connection",
  async () => {
    const { attempts, calls } = await offline<{ calls: readonly string[] }>(PROGRAM);
    expect(attempts).toEqual([]);
    expect(calls).toEqual(["gpt-5-mini success", "gpt-5-mini success", "web_search success"]);
  },
  TIMEOUT_MS,
);

it(
  "importing and using every package loads nothing but their own modules: no framework",
  async () => {
    const { loaded } = await offline(PROGRAM);
    const own = new RegExp(`^${PACKAGES}(${PUBLISHED.join("|")})/src/`);
    expect(loaded.filter((url) => !own.test(url))).toEqual([]);
    for (const name of PUBLISHED) expect(loaded).toContain(`${PACKAGES}${name}/src/index.ts`);
  },
  TIMEOUT_MS,
);

it(
  "would have noticed a connection, and a module of somebody else",
  async () => {
    const program = `
    const quietly = async (run) => { try { await run(); } catch {} };
    await quietly(async () => (await import("node:net")).connect(9, "127.0.0.1"));
    await quietly(() => fetch("http://127.0.0.1:9"));
    await quietly(async () => (await import("node:http")).get("http://example.invalid"));
    await quietly(async () => (await import("node:dns/promises")).lookup("example.invalid"));
    await import("vitest/package.json", { with: { type: "json" } });
    console.log(JSON.stringify(globalThis.watched));`;
    const { attempts, loaded } = await offline("--input-type=module", "--eval", program);
    expect(attempts).toEqual([
      "net.Socket.connect",
      "fetch",
      "net.Socket.connect",
      "dns.promises.lookup",
    ]);
    expect(loaded.some((url) => url.includes("/node_modules/vitest/"))).toBe(true);
  },
  TIMEOUT_MS,
);
