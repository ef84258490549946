import { ConfigError, type Guard } from "@burnrate/core";
import { checkMethods } from "@burnrate/core/adapter";
import { boundProxy } from "./bound-proxy.ts";
import { markBegun } from "./call-mark.ts";
import { callTool } from "./call-tool.ts";
import { checkOptions, type GuardClientOptions } from "./check-options.ts";
import {
  type ClientTasks,
  createClientTasks,
  isTaskMethod,
  type TaskMethod,
  taskMethodOf,
} from "./client-tasks.ts";
import { createLayers, type Layer } from "./layers.ts";
import { isToolMethod, type McpClient, type ToolMethod } from "./mcp-client.ts";
import { isObject, type Loose, read } from "./shape.ts";
import { streamTool } from "./stream.ts";
import { type Invocation, toCall, toInvocation } from "./to-call.ts";
import { toDenied } from "./to-outcome.ts";

type Method = (...args: unknown[]) => unknown;

/** A client with a guard around it. */
interface GuardedClient extends Layer {
  readonly client: Loose;
  readonly tasks: ClientTasks;
}

/**
 * Guards every tool call of an MCP client, of either SDK generation: `callTool`,
 * `request({ method: "tools/call" })`, and what starts a task of generation 1 or asks about one. What
 * comes back is used in place of the client; all other requests and notifications pass untouched
 * and unmeasured.
 *
 * A refused call is not sent, and throws a `GuardError` (or answers, with `denyMode: "result"`).
 * A result with `isError` counts as a failed call. A kill of level `abort` cancels calls in flight.
 *
 * @throws {ConfigError} `BR9001` for a wrong option, a client that has no `callTool`, or that of
 * `@ai-sdk/mcp`, which calls its tools past every wrapper: guard its transport.
 *
 * @example
 * const client = guardClient(new Client({ name: "my-agent", version: "1.0.0" }), guard, {
 *   server: "search",
 *   costs: { web_search: 0.01 },
 * });
 * await client.connect(transport);
 */
export function guardClient<C extends McpClient>(
  client: C,
  guard: Guard,
  options: GuardClientOptions = {},
): C {
  const checked = checkOptions(options);
  checkMethods("the client of guardClient", client, ["callTool"]);
  if (typeof read(client, "tools") === "function") throw hidesItsCalls();
  checkMethods("the guard of guardClient", guard, ["begin"]);
  return layers.add(client, { guard, options: checked }) as C;
}

const layers = createLayers(wrap);

/** A task that was made through one wrapper may be asked after through another one. */
const tasksOf = new WeakMap<McpClient, ClientTasks>();

/** Half a guard would look like one. */
function hidesItsCalls(): ConfigError {
  return new ConfigError({
    message:
      "guardClient cannot see the calls of this client's tools() (it is that of @ai-sdk/mcp). Guard its transport: createMCPClient({ transport: guardTransport(transport, guard) }), or its tools: guardTools(await client.tools(), guard) of @burnrate/ai-sdk.",
    scope: "guardClient.client",
  });
}

function wrap(client: McpClient, layer: Layer): McpClient {
  const loose = client as unknown as Loose;
  const tasks = tasksOf.get(client) ?? createClientTasks((taskId) => cancelTask(loose, taskId));
  tasksOf.set(client, tasks);
  const setup: GuardedClient = { ...layer, client: loose, tasks };
  return boundProxy(client, (key, value) => {
    return key === "experimental"
      ? guardExperimental(setup, value)
      : guardMethod(setup, client, key);
  });
}

/** Generation 1 keeps its task streams in `experimental.tasks`. */
function guardExperimental(setup: GuardedClient, experimental: unknown): unknown {
  if (!isObject(experimental)) return undefined;
  return boundProxy(experimental, (key, tasks) => {
    if (key !== "tasks" || !isObject(tasks)) return undefined;
    return boundProxy(tasks, (name) => {
      return guardMethod(setup, tasks, name) ?? guardTaskMethod(setup, tasks, name);
    });
  });
}

function guardTaskMethod(setup: GuardedClient, owner: Loose, key: PropertyKey): Method | undefined {
  const own = read(owner, key);
  if (!isTaskMethod(key) || typeof own !== "function") return undefined;
  return (...args) => runTask(setup, args[0], key, () => Reflect.apply(own, owner, args));
}

function runTask(
  { tasks, options }: GuardedClient,
  taskId: unknown,
  method: TaskMethod,
  send: () => unknown,
): Promise<unknown> {
  const answer = tasks.run(taskId, method, send);
  const isDenied = options.denyMode === "result" && method === "getTaskResult";
  return isDenied ? answer.catch(toDenied) : answer;
}

function guardMethod(setup: GuardedClient, owner: object, key: PropertyKey): Method | undefined {
  if (!isToolMethod(key) || typeof read(owner, key) !== "function") return undefined;
  const send = (args: readonly unknown[]): unknown => {
    return Reflect.apply((owner as Record<ToolMethod, Method>)[key], owner, args);
  };
  const isStream = key === "callToolStream" || key === "requestStream";
  return isStream
    ? (...args) => stream(setup, key, args, send)
    : (...args) => call(setup, key, args, send);
}

function call(
  setup: GuardedClient,
  method: ToolMethod,
  args: readonly unknown[],
  send: (args: readonly unknown[]) => unknown,
): unknown {
  let invocation: Invocation;
  try {
    invocation = toInvocation(method, args);
    if (invocation.tool !== undefined) {
      const { client, guard, options } = setup;
      markBegun(invocation.tool.params, guard, read(client, "transport"));
      const given = { args: invocation.args, params: invocation.tool.params };
      const answer = callTool(guard, toCall(client, method, given, options), setup.tasks, send);
      return options.denyMode === "throw" ? answer : answer.catch(toDenied);
    }
  } catch (error) {
    return Promise.reject(error);
  }
  const request = method === "request" ? invocation.args[0] : undefined;
  const about = taskMethodOf(read(request, "method"));
  if (about === undefined) return send(invocation.args);
  const taskId = read(read(request, "params"), "taskId");
  return runTask(setup, taskId, about, () => send(invocation.args));
}

async function* stream(
  { client, guard, options }: GuardedClient,
  method: ToolMethod,
  args: readonly unknown[],
  send: (args: readonly unknown[]) => unknown,
): AsyncGenerator<unknown, void, void> {
  const open = (sent: readonly unknown[]): AsyncIterable<unknown> => {
    return send(sent) as AsyncIterable<unknown>;
  };
  const invocation = toInvocation(method, args);
  const { tool } = invocation;
  if (tool === undefined) {
    yield* open(invocation.args);
    return;
  }
  try {
    markBegun(tool.params, guard, read(client, "transport"));
    const toolCall = toCall(client, method, { args: invocation.args, ...tool }, options);
    yield* streamTool(guard, toolCall, { open, cancelTask: (id) => cancelTask(client, id) });
  } catch (error) {
    if (options.denyMode === "throw") throw error;
    yield { type: "result", result: toDenied(error) };
  }
}

/** Tells the server that nobody waits for the task; the refusal is thrown whatever it answers. */
function cancelTask(client: Loose, taskId: string): void {
  const tasks = read(client["experimental"], "tasks");
  const cancel = read(tasks, "cancelTask");
  if (typeof cancel !== "function") return;
  Promise.resolve(Reflect.apply(cancel, tasks, [taskId])).catch(() => undefined);
}
