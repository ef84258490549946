import { describe, expect, it } from "vitest";
import { classifyError } from "./classify-error.ts";

function fetchFailed(code: string): TypeError {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
}

describe("an error of Node's fetch", () => {
  it.each(["ETIMEDOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"])(
    "of a provider that fell silent (%s) is a time-out, and may have been billed",
    (code) => {
      expect(classifyError(fetchFailed(code))).toEqual({ outcome: "timeout", unbilled: false });
    },
  );

  it.each([
    ["ECONNREFUSED", true],
    ["UND_ERR_CONNECT_TIMEOUT", true],
    ["SELF_SIGNED_CERT_IN_CHAIN", true],
    ["CERT_HAS_EXPIRED", true],
    ["ECONNRESET", false],
    ["UND_ERR_SOCKET", false],
  ])("of a connection (%s) tells whether anything was sent", (code, unbilled) => {
    expect(classifyError(fetchFailed(code))).toEqual({ outcome: "connection-error", unbilled });
  });
});

describe("an HTTP status", () => {
  it.each([
    [404, "client-error", true],
    [408, "client-error", false],
    [429, "rate-limited", true],
    [500, "server-error", true],
    [504, "timeout", false],
  ])("of %i is %s", (status, outcome, unbilled) => {
    expect(classifyError({ status })).toEqual({ outcome, unbilled });
  });

  it.each([
    ["OpenAI's", { status: 400 }],
    ["the AI SDK's", { statusCode: 400 }],
    ["Ollama's", Object.assign(new Error("no"), { name: "ResponseError", status_code: 400 })],
    ["AWS's", Object.assign(new Error("no"), { $metadata: { httpStatusCode: 400 } })],
    ["Hugging Face's", { httpResponse: { status: 400 } }],
    ["axios'", { response: { status: 400 } }],
  ])("is read from %s errors", (_, error) => {
    expect(classifyError(error)).toEqual({ outcome: "client-error", unbilled: true });
  });

  it("of an answer that broke off is no error's", () => {
    const error = { name: "InternalServerException", $metadata: { httpStatusCode: 200 } };
    expect(classifyError(error)).toEqual({ outcome: "failed", unbilled: false });
  });
});
