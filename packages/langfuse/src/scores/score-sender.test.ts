import { createFakeClock, serveLoopback } from "@burnrate/core/testing";
import { expect, it } from "vitest";
import { KEYS } from "../testing/langfuse-server.ts";
import { fetchSender } from "./score-sender.ts";

it("scores go below the path of the address, as observations do", async () => {
  const server = await serveLoopback(() => Response.json({ id: "s" }));
  const score = { id: "s", traceId: "t", name: "polite", value: 1, dataType: "NUMERIC" } as const;
  for (const path of ["", "/", "/langfuse", "/langfuse/"]) {
    const send = fetchSender({ ...KEYS, baseUrl: `${server.url}${path}` }, createFakeClock());
    expect(await send(score, 5_000)).toEqual({ kind: "accepted" });
  }
  expect(server.received.map(({ path }) => path)).toEqual([
    "/api/public/scores",
    "/api/public/scores",
    "/langfuse/api/public/scores",
    "/langfuse/api/public/scores",
  ]);
  await server.close();
});
