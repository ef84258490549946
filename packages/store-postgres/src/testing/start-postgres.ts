import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import pg from "pg";

/** A server for the tests of one file. */
export interface TestServer {
  readonly url: string;
  /** Whether it is ours: only then it may be stopped and started. */
  readonly isOwn: boolean;
  /** A name for a schema that nobody has used. */
  schema(name: string): string;
  /** Ends it in order, or at once as a crash would; its data stay. */
  halt(how: "fast" | "immediate"): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its data; of a server that is not ours only the schemas of the tests. */
  stop(): Promise<void>;
}

const SKIPPED = "skipped: no postgres (set POSTGRES_URL)";
const INSTALLED = "/usr/lib/postgresql";

/**
 * The server that `POSTGRES_URL` names, else one of our own on a free loopback port in a temporary
 * folder. Undefined, with a line that says so, where there is none; with
 * `BURNRATE_REQUIRE_SERVICES=1` that is a failure.
 */
export async function startPostgres(): Promise<TestServer | undefined> {
  const url = process.env["POSTGRES_URL"];
  if (url !== undefined && url !== "") return foreignServer(url);
  const bin = findBinaries();
  if (bin === undefined) {
    if (process.env["BURNRATE_REQUIRE_SERVICES"] === "1") throw new Error(SKIPPED);
    console.log(SKIPPED);
    return undefined;
  }
  return ownServer(bin);
}

function foreignServer(url: string): TestServer {
  const nothing = async (): Promise<void> => {};
  const suffix = randomUUID().slice(0, 8);
  const named = new Set<string>();
  return {
    url,
    isOwn: false,
    schema: (name) => {
      named.add(`${name}_${suffix}`);
      return `${name}_${suffix}`;
    },
    halt: nothing,
    start: nothing,
    stop: async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      for (const name of named) await client.query(`drop schema if exists "${name}" cascade`);
      await client.end();
    },
  };
}

/**
 * The folder that holds both `initdb` and `postgres`: on PATH, else the newest that is installed.
 */
function findBinaries(): string | undefined {
  const installed = existsSync(INSTALLED)
    ? readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a))
    : [];
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    ...installed.map((version) => join(INSTALLED, version, "bin")),
  ];
  return folders.find((folder) =>
    ["initdb", "postgres"].every((name) => existsSync(join(folder, name))),
  );
}

async function ownServer(bin: string): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "burnrate-postgres-"));
  const data = join(folder, "data");
  const user = serverUser();
  if (user !== undefined) {
    chmodSync(folder, 0o755);
    chownSync(folder, user.uid, user.gid);
  }
  const asUser = { cwd: folder, ...user };
  const cluster = ["-D", data, "-U", "burnrate", "-A", "trust", "-E", "UTF8", "--locale=C"];
  execFileSync(join(bin, "initdb"), [...cluster, "--no-sync"], { ...asUser, stdio: "ignore" });
  const port = await freePort();
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    const settings = [
      "listen_addresses=127.0.0.1",
      `port=${port}`,
      "unix_socket_directories=",
      "max_connections=60",
      "fsync=off", // servers are killed here, machines are not
    ];
    const options = ["-D", data, ...settings.flatMap((setting) => ["-c", setting])];
    const started = spawn(join(bin, "postgres"), options, {
      ...asUser,
      stdio: ["ignore", "ignore", "pipe"],
    });
    server = started;
    await isReady(started);
  }

  async function halt(how: "fast" | "immediate"): Promise<void> {
    const running = server;
    server = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = once(running, "exit");
    const options = ["stop", "-D", data, "-m", how];
    execFileSync(join(bin, "pg_ctl"), options, { ...asUser, stdio: "ignore" });
    await ended;
  }

  await start();
  return {
    url: `postgres://burnrate@127.0.0.1:${port}/postgres`,
    isOwn: true,
    schema: (name) => name,
    halt,
    start,
    stop: async () => {
      await halt("fast");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The server refuses to run as root: whom it runs as then. */
function serverUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ["postgres", "nobody"]) {
    try {
      const idOf = (which: string): number => Number(execFileSync("id", [which, user]));
      return { uid: idOf("-u"), gid: idOf("-g") };
    } catch {
      // The next one.
    }
  }
  return undefined;
}

async function isReady(server: ChildProcess): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    server.once("exit", () => reject(new Error(`postgres did not start: ${said}`)));
    server.stderr?.on("data", (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-4_000);
      if (said.includes("ready to accept connections")) resolve();
    });
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
