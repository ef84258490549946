import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** Said, and the tests left out, when there is nothing to run them on. */
export const NO_PROMETHEUS =
  "skipped: no prometheus and promtool on the PATH (Debian's package prometheus has both)";

/** Whether both programs are installed; a failure where services are required. */
export function canRunPrometheus(): boolean {
  try {
    for (const program of ["prometheus", "promtool"]) {
      execFileSync(program, ["--version"], { stdio: "ignore" });
    }
    return true;
  } catch {
    if (process.env["BURNRATE_REQUIRE_SERVICES"] === "1") {
      throw new Error("BURNRATE_REQUIRE_SERVICES=1, but there is no prometheus on the PATH");
    }
    console.warn(NO_PROMETHEUS);
    return false;
  }
}

/** What `promtool check metrics` says of a text; empty when it is clean. */
export function checkMetrics(text: string): string {
  try {
    return execFileSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return `${stdout}${stderr}`;
  }
}

/** One series of an answer: its labels, and its value at the time of the query. */
export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [atSeconds: number, value: string];
}

/** A running Prometheus of its own, which scrapes one target twice a second. */
export interface PrometheusServer {
  query(promql: string): Promise<readonly QueryResult[]>;
  /** Health of the target, and the scrape's last error. */
  target(): Promise<{ readonly health: string; readonly lastError: string }>;
  exemplars(promql: string): Promise<readonly { readonly exemplars: readonly unknown[] }[]>;
  stop(): Promise<void>;
}

/** Starts Prometheus on a free port of this machine, in a temporary folder. */
export async function startPrometheus(targetPort: number): Promise<PrometheusServer> {
  const folder = mkdtempSync(join(tmpdir(), "burnrate-prometheus-"));
  const port = await freePort();
  writeFileSync(
    join(folder, "prometheus.yml"),
    `global: { scrape_interval: 500ms, scrape_timeout: 500ms }
scrape_configs:
  - job_name: burnrate
    static_configs: [{ targets: ["127.0.0.1:${targetPort}"] }]
`,
  );
  const child = spawn(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--enable-feature=exemplar-storage",
      "--log.level=error",
    ],
    { stdio: "ignore" },
  );
  const base = `http://127.0.0.1:${port}`;
  const get = async (path: string): Promise<never> => {
    const response = await fetch(`${base}/api/v1/${path}`);
    return ((await response.json()) as { data: never }).data;
  };
  await until(async () => (await fetch(`${base}/-/ready`).catch(() => undefined))?.ok === true);
  return {
    query: async (promql) =>
      ((await get(`query?query=${encodeURIComponent(promql)}`)) as { result: QueryResult[] })
        .result,
    target: async () =>
      ((await get("targets")) as { activeTargets: [{ health: string; lastError: string }] })
        .activeTargets[0],
    exemplars: (promql) => {
      const nowSeconds = Date.now() / 1_000;
      const range = `start=${nowSeconds - 600}&end=${nowSeconds + 600}`;
      return get(`query_exemplars?query=${encodeURIComponent(promql)}&${range}`);
    },
    stop: () => stop(child, folder),
  };
}

/** Polls until it is so. @throws after ten seconds. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error("not within ten seconds");
    await setTimeout(50);
  }
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
