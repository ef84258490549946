import dgram from "node:dgram";
import dns from "node:dns";
import { registerHooks, syncBuiltinESMExports } from "node:module";
import net from "node:net";

/**
 * Loaded before a program: every way to the network is closed and counted, and every module that is
 * loaded is noted.
 */
export interface Watched {
  /** Ways to the network that were tried. */
  readonly attempts: string[];
  /** Addresses of the modules that were loaded, built-in ones excepted. */
  readonly loaded: string[];
}

const watched: Watched = { attempts: [], loaded: [] };
(globalThis as { watched?: Watched }).watched = watched;

function deny(holder: object, name: string, way: string): void {
  Object.assign(holder, {
    [name]: () => {
      watched.attempts.push(way);
      throw new Error(`${way}: there is no network here`);
    },
  });
}

deny(globalThis, "fetch", "fetch");
deny(globalThis, "WebSocket", "WebSocket");
deny(net.Socket.prototype, "connect", "net.Socket.connect");
deny(dgram.Socket.prototype, "send", "dgram.Socket.send");
deny(dgram.Socket.prototype, "connect", "dgram.Socket.connect");
for (const name of ["lookup", "resolve", "resolve4", "resolve6", "resolveAny"]) {
  deny(dns, name, `dns.${name}`);
  deny(dns.promises, name, `dns.promises.${name}`);
}
syncBuiltinESMExports();

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith("node:")) watched.loaded.push(url);
    return nextLoad(url, context);
  },
});
