import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A wire between a client and a server that can be cut. */
export interface CuttingProxy {
  readonly url: string;
  /** Cuts all connections when the server next answers: the command was done, the reply is lost. */
  cutNextReply(): void;
  close(): Promise<void>;
}

/** Listens on a free port of this machine and passes everything on to another. */
export async function startCuttingProxy(port: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let isCutting = false;
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {}); // connections break here on purpose
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on("data", (data) => {
      if (!isCutting) client.write(data);
      else {
        isCutting = false;
        for (const socket of sockets) socket.destroy();
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutNextReply: () => {
      isCutting = true;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
