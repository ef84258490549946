import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Where a line to a server can break, in words that follow "a store that breaks". */
export const LINE_STEPS = [
  "before the question is sent",
  "with half of the question sent",
  "before the answer arrives",
  "with half of the answer there",
] as const;

type LineStep = (typeof LINE_STEPS)[number];

/** A wire between clients and a server on this machine. */
export interface BreakingLine {
  /** The address that was given, through the line. */
  readonly url: string;
  /** Cuts all connections at a step (one of `LINE_STEPS`) of the next question. */
  breakNext(step: string): void;
  hasBroken(): boolean;
  /** Is whole again. */
  mend(): void;
  close(): Promise<void>;
}

/** How far what is said gets when the line breaks. */
const ENDS: Readonly<
  Record<LineStep, { readonly by: "client" | "server"; readonly share: number }>
> = {
  "before the question is sent": { by: "client", share: 0 },
  "with half of the question sent": { by: "client", share: 0.5 },
  "before the answer arrives": { by: "server", share: 0 },
  "with half of the answer there": { by: "server", share: 0.5 },
};

/**
 * Listens on a free port of this machine and passes everything on to the server at a URL (its port
 * must be named), until told to break.
 */
export async function startBreakingLine(url: string): Promise<BreakingLine> {
  const target = new URL(url);
  const { hostname, port } = target;
  const sockets = new Set<Socket>();
  let breaking: LineStep | undefined;
  let hasBroken = false;

  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }

  function pass(from: Socket, to: Socket, by: "client" | "server"): void {
    from.on("data", (data: Buffer) => {
      const end = breaking === undefined ? undefined : ENDS[breaking];
      if (end?.by !== by) {
        to.write(data);
        return;
      }
      breaking = undefined;
      hasBroken = true;
      if (end.share === 0) cut();
      else to.write(data.subarray(0, Math.ceil(data.length * end.share)), cut);
    });
  }

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {}); // connections break here on purpose
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    pass(client, upstream, "client");
    pass(upstream, client, "server");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  target.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: target.href,
    breakNext: (step) => {
      const known = LINE_STEPS.find((one) => one === step);
      if (known === undefined) throw new Error(`a line does not break ${step}`);
      breaking = known;
    },
    hasBroken: () => hasBroken,
    mend: () => {
      breaking = undefined;
      hasBroken = false;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
