import { startFakeProvider } from "@burnrate/core/testing";
import { guard } from "./guard.ts";

/** A chat route as a browser sees it: two users with a budget each, and a kill at the end. */
const provider = await startFakeProvider();
process.env["OPENAI_BASE_URL"] = provider.url;
const { ask } = await import("./browser.ts");

let calls: string[] = [];
let nanoUsd = 0;
guard.on("call-settled", ({ kind, costNanoUsd }) => {
  calls.push(kind);
  nanoUsd += costNanoUsd ?? 0;
});

const rows = [["user", "the browser shows", "calls", "charged"]];
async function show(user: string, text: string): Promise<void> {
  calls = [];
  nanoUsd = 0;
  const seen = await ask(user, text);
  rows.push([user, seen, calls.join(", ") || "none", `$${(nanoUsd / 1e9).toFixed(6)}`]);
}

await show("ann", "Hello there");
provider.next({ kind: "reply", toolCalls: [{ name: "weather", arguments: { city: "Oslo" } }] });
provider.next({ kind: "reply", text: "Take an umbrella.", reasoningTokens: 200 });
await show("ann", "Do I need an umbrella in Oslo?");
await show("ann", "And in Rome?");
await show("bob", "Hello from Bob");
await guard.kill({ agent: "chat" }, { reason: "odd answers", by: "on-call", level: "stop" });
await show("bob", "Are you there?");

const widths = rows[0]?.map((_, column) =>
  Math.max(...rows.map((row) => row[column]?.length ?? 0)),
);
for (const row of rows) {
  console.log(
    row
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
await Promise.all([provider.close(), guard.close()]);
