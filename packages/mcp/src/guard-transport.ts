import type { Guard } from "@burnrate/core";
import { checkMethods } from "@burnrate/core/adapter";
import { boundProxy } from "./bound-proxy.ts";
import { GUARDS, guardsAround } from "./call-mark.ts";
import { checkOptions, type GuardClientOptions } from "./check-options.ts";
import { createLayers, type Layer } from "./layers.ts";
import type { McpTransport, Message } from "./mcp-transport.ts";
import type { Loose } from "./shape.ts";
import { createWireSession, type WireSession } from "./wire-session.ts";

/** Options of `guardTransport`: those of `guardClient`. */
export type GuardTransportOptions = GuardClientOptions;

/**
 * Guards every `tools/call` that goes through an MCP transport, whoever sends it: the clients of
 * both SDK generations, and `@ai-sdk/mcp`, whose tools reach no wrapped client. As a second line
 * under `guardClient` with the same guard it counts nothing twice, and sees what goes past the
 * client.
 *
 * A refused call is not sent. The client rejects it with the `GuardError` itself, or with
 * `denyMode: "result"` answers it with a result that has `isError`. A kill of level `abort` cancels
 * calls and tasks in flight. One connection is one guarded transport: wrap it before it is started.
 *
 * @throws {ConfigError} `BR9001` for a wrong option, or a transport that has no `send`.
 *
 * @example
 * const transport = guardTransport(new StdioClientTransport({ command: "search-server" }), guard, {
 *   server: "search",
 *   costs: { web_search: 0.01 },
 * });
 * const client = await createMCPClient({ transport });
 */
export function guardTransport<T extends McpTransport>(
  transport: T,
  guard: Guard,
  options: GuardTransportOptions = {},
): T {
  const checked = checkOptions(options, "guardTransport");
  checkMethods("the transport of guardTransport", transport, ["start", "send", "close"]);
  checkMethods("the guard of guardTransport", guard, ["begin"]);
  return layers.add(transport, { guard, options: checked }) as T;
}

const layers = createLayers(wrap);

type Listener = (...args: unknown[]) => unknown;
type Method = (...args: unknown[]) => Promise<void>;

/** Where a client puts its own functions on a transport. */
type Handlers = { onmessage: Listener | undefined; onclose: Listener | undefined };

function wrap(transport: McpTransport, { guard, options }: Layer): McpTransport {
  const inner = transport as unknown as Loose & Record<"send" | "close", Method>;
  const client: Handlers = {
    onmessage: handler(inner, "onmessage"),
    onclose: handler(inner, "onclose"),
  };
  const session = createWireSession(guard, options, {
    transport: inner,
    send(message, sendOptions) {
      try {
        return Promise.resolve(inner.send(message, sendOptions));
      } catch (error) {
        return Promise.reject(error);
      }
    },
    deliver: (message, extra) => deliver(inner, client, message, extra),
  });
  const methods: Readonly<Record<string, Listener>> = {
    send: (message, sendOptions) => session.send(message, sendOptions),
    close: async (...args) => {
      try {
        await inner.close(...args);
      } finally {
        session.close(); // a transport may forget to say so
      }
    },
  };
  const bound = boundProxy(transport, (key) => {
    return typeof key === "string" && Object.hasOwn(methods, key) ? methods[key] : undefined;
  });
  const ours = listeners(session, client);
  Object.assign(transport, ours);
  return withHandlers(bound, client, guard);
}

function handler(transport: Loose, key: keyof Handlers): Listener | undefined {
  const given = transport[key];
  return typeof given === "function" ? (given as Listener) : undefined;
}

/** What stands in for the client's functions on the transport. */
function listeners(session: WireSession, client: Handlers): Handlers {
  return {
    onmessage: (message, extra) => session.receive(message, extra),
    onclose: () => {
      session.close();
      client.onclose?.();
    },
  };
}

/** Keeps the client's functions to itself: the transport has ours. */
function withHandlers(transport: McpTransport, client: Handlers, guard: Guard): McpTransport {
  return new Proxy(transport, {
    get(target, key) {
      if (key === GUARDS) return [guard, ...guardsAround(target)];
      return isHandler(key) ? client[key] : Reflect.get(target, key, target);
    },
    set(target, key, value) {
      if (!isHandler(key)) return Reflect.set(target, key, value, target);
      client[key] = value as Listener | undefined;
      return true;
    },
  });
}

function isHandler(key: PropertyKey): key is keyof Handlers {
  return key === "onmessage" || key === "onclose";
}

/** A client that throws at a message must not break the guard. */
function deliver(inner: Loose, client: Handlers, message: Message, extra: unknown): void {
  try {
    client.onmessage?.(message, extra);
  } catch (error) {
    (inner["onerror"] as Listener | undefined)?.(error);
  }
}
