import { expect, it } from "vitest";
import { script } from "../testing/scripted.ts";
import { prometheusHandler } from "./prometheus-handler.ts";

const { guard, model } = script();
await model();
const handle = prometheusHandler(guard);
const request = (accept?: string, method = "GET"): Request =>
  new Request("http://localhost/metrics", { method, ...(accept && { headers: { accept } }) });

it.each([
  [undefined, "text/plain; version=0.0.4; charset=utf-8"],
  ["*/*", "text/plain; version=0.0.4; charset=utf-8"],
  [
    "text/plain;version=0.0.4;q=1,application/openmetrics-text;q=0.5",
    "text/plain; version=0.0.4; charset=utf-8",
  ],
  [
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
  ],
])("who accepts %s gets the format that it prefers", async (accept, type) => {
  const response = await handle(request(accept));
  expect(response.headers.get("content-type")).toBe(type);
  const text = await response.text();
  expect(text).toContain("gen_ai_client_operation_duration_seconds_count");
  expect(text.endsWith("# EOF\n")).toBe(type.startsWith("application"));
});

it("other methods are refused, and HEAD has no body", async () => {
  expect((await handle(request(undefined, "POST"))).status).toBe(405);
  const head = await handle(request(undefined, "HEAD"));
  expect([head.status, await head.text()]).toEqual([200, ""]);
});
