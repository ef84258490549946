import type { PackedPackage } from "./pack.ts";

/** A project of a user: what it has installed, and the program that it compiles and runs. */
export interface Consumer {
  readonly name: string;
  /** A file of `programs/`; without one, everything that our packages export is imported. */
  readonly program?: string;
  /** Our packages that it names. */
  readonly ours: readonly string[];
  /** What else it names; nothing more is installed. */
  readonly theirs: Readonly<Record<string, string>>;
}

const NODE_TYPES = { "@types/node": "^22.18.0" };
const ZOD = { zod: "^4.6.7" };

/** A framework appears at the oldest and the newest version that we support. */
const CONSUMERS: readonly Consumer[] = [
  { name: "burnrate alone", program: "burnrate.ts", ours: ["burnrate"], theirs: NODE_TYPES },
  { name: "burnrate without Node's types", program: "burnrate.ts", ours: ["burnrate"], theirs: {} },
  { name: "core alone", program: "core.ts", ours: ["@burnrate/core"], theirs: NODE_TYPES },
  {
    name: "core with prices",
    program: "pricing.ts",
    ours: ["@burnrate/core", "@burnrate/pricing"],
    theirs: NODE_TYPES,
  },
  aiSdk("ai 5, oldest", "ai-5.ts", "5.0.0"),
  aiSdk("ai 5", "ai-5.ts", "^5.0.277"),
  aiSdk("ai 6, oldest", "ai-6.ts", "6.0.0"),
  aiSdk("ai 6", "ai-6.ts", "^6.0.326"),
  aiSdk("ai 7, oldest", "ai-7.ts", "7.0.0"),
  aiSdk("ai 7", "ai-7.ts", "^7.0.173"),
  langchainCore("@langchain/core 0.3, oldest", "0.3.58"),
  langchainCore("@langchain/core 0.3", "^0.3.80"),
  langchainCore("@langchain/core 1, oldest", "1.0.1"),
  langchainCore("@langchain/core 1", "^1.4.0"),
  adapter("langchain 1", "langchain.ts", "langchain", {
    "@langchain/core": "^1.4.0",
    langchain: "^1.5.14",
  }),
  mcp("MCP SDK 1, oldest", "mcp-sdk-1.ts", { "@modelcontextprotocol/sdk": "1.20.0" }),
  mcp("MCP SDK 1", "mcp-sdk-1.ts", { "@modelcontextprotocol/sdk": "^1.32.2" }),
  mcp("MCP client 2, oldest", "mcp-client-2.ts", { "@modelcontextprotocol/client": "2.0.0" }),
  mcp("MCP client 2", "mcp-client-2.ts", { "@modelcontextprotocol/client": "^2.4.0" }),
  mcp("@ai-sdk/mcp 2", "mcp-ai-sdk.ts", { "@ai-sdk/mcp": "^2.0.99", ...ZOD }),
  {
    name: "better-sqlite3", // used on Node 22; newer versions have an SQLite of their own
    program: "sqlite.ts",
    ours: ["burnrate"],
    theirs: { "better-sqlite3": "^13.2.0", ...NODE_TYPES },
  },
  store("redis, oldest", "redis", { redis: "5.0.0" }),
  store("redis", "redis", { redis: "^6.3.1" }),
  store("ioredis 5", "ioredis", { ioredis: "^5.3.0" }),
  store("ioredis 6", "ioredis", { ioredis: "^6.0.0" }),
  store("pg, oldest", "pg", { pg: "8.11.0", "@types/pg": "8.11.0" }),
  store("pg", "pg", { pg: "^8.23.1", "@types/pg": "^8.23.1" }),
  store("postgres, oldest", "postgres", { postgres: "3.4.0" }),
  store("postgres", "postgres", { postgres: "^3.4.9" }),
];

/** Every consumer that is checked, with one for each package that none of those above names. */
export function consumersOf(packages: readonly PackedPackage[]): readonly Consumer[] {
  const named = new Set(CONSUMERS.flatMap(({ ours }) => ours));
  const rest = packages.filter(({ name }) => !named.has(name));
  const alone = rest.map(({ name, requiredPeers }) => ({
    name: `${name} alone`,
    ours: [name],
    theirs: { ...requiredPeers, ...NODE_TYPES },
  }));
  return [...CONSUMERS, ...alone];
}

function adapter(
  name: string,
  program: string,
  folder: string,
  theirs: Readonly<Record<string, string>>,
): Consumer {
  return {
    name,
    program,
    ours: ["burnrate", `@burnrate/${folder}`],
    theirs: { ...theirs, ...NODE_TYPES },
  };
}

function aiSdk(name: string, program: string, version: string): Consumer {
  return adapter(name, program, "ai-sdk", { ai: version, ...ZOD });
}

function langchainCore(name: string, version: string): Consumer {
  return adapter(name, "langchain-core.ts", "langchain", { "@langchain/core": version });
}

function mcp(name: string, program: string, theirs: Readonly<Record<string, string>>): Consumer {
  return adapter(name, program, "mcp", theirs);
}

function store(name: string, client: string, theirs: Readonly<Record<string, string>>): Consumer {
  const folder = client.includes("redis") ? "store-redis" : "store-postgres";
  return adapter(name, `${client}.ts`, folder, theirs);
}
