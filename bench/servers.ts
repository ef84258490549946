import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** A server of one benchmark, on a free loopback port, with its data in a temporary folder. */
export interface Server {
  readonly url: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const INSTALLED = "/usr/lib/postgresql";
const STARTS_WITHIN_MS = 10_000;

/**
 * Starts Redis as the figures of its store are promised: every write is logged, once a second on
 * disk.
 */
export async function startRedis(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "burnrate-bench-redis-"));
  const port = await freePort();
  const place = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const log = ["--appendonly", "yes", "--appendfsync", "everysec"];
  const server = spawn("redis-server", [...place, ...log], { stdio: "ignore" });
  await isReady(server, port);
  return { url: `redis://127.0.0.1:${port}`, stop: () => end(server, "SIGTERM", folder) };
}

/** Starts PostgreSQL as it comes: each commit waits for the disk. */
export async function startPostgres(): Promise<Server> {
  const bin = postgresFolder();
  const folder = mkdtempSync(join(tmpdir(), "burnrate-bench-postgres-"));
  const data = join(folder, "data");
  const user = serverUser();
  if (user !== undefined) {
    chmodSync(folder, 0o755);
    chownSync(folder, user.uid, user.gid);
  }
  const asUser = { cwd: folder, stdio: "ignore", ...user } as const;
  const cluster = ["-D", data, "-U", "burnrate", "-A", "trust", "-E", "UTF8", "--locale=C"];
  execFileSync(join(bin, "initdb"), [...cluster, "--no-sync"], asUser);
  const port = await freePort();
  const settings = ["listen_addresses=127.0.0.1", `port=${port}`, "unix_socket_directories="];
  const options = ["-D", data, ...settings.flatMap((setting) => ["-c", setting])];
  const server = spawn(join(bin, "postgres"), options, {
    ...asUser,
    stdio: ["ignore", "ignore", "pipe"],
  });
  await saysReady(server);
  return {
    url: `postgres://burnrate@127.0.0.1:${port}/postgres`,
    stop: () => end(server, "SIGINT", folder),
  };
}

async function end(server: ChildProcess, signal: NodeJS.Signals, folder: string): Promise<void> {
  const ended = server.exitCode === null ? once(server, "exit") : undefined;
  server.kill(signal);
  await ended;
  rmSync(folder, { recursive: true, force: true });
}

/**
 * The folder that holds both `initdb` and `postgres`: on PATH, else the newest that is installed.
 */
function postgresFolder(): string {
  const installed = existsSync(INSTALLED)
    ? readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a))
    : [];
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    ...installed.map((version) => join(INSTALLED, version, "bin")),
  ];
  const found = folders.find((folder) =>
    ["initdb", "postgres"].every((name) => existsSync(join(folder, name))),
  );
  if (found === undefined) throw new Error("there is no PostgreSQL: install it, or put it on PATH");
  return found;
}

/** PostgreSQL refuses to run as root: whom it runs as then. */
function serverUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (which: string): number => Number(execFileSync("id", [which, "postgres"]));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** PostgreSQL accepts connections before it answers on them. */
async function saysReady(server: ChildProcess): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    server.once("exit", () => reject(new Error(`PostgreSQL did not start: ${said}`)));
    server.stderr?.on("data", (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-4_000);
      if (said.includes("ready to accept connections")) resolve();
    });
  });
}

async function isReady(server: ChildProcess, port: number): Promise<void> {
  const latestMs = performance.now() + STARTS_WITHIN_MS;
  while (!(await accepts(port))) {
    if (server.exitCode !== null)
      throw new Error(`a server ended at its start: ${server.exitCode}`);
    if (performance.now() > latestMs) throw new Error("a server did not start");
    await setTimeout(20);
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
