import { expect, it } from "vitest";
import { toSources } from "./to-sources.ts";

it.each<[string, unknown, unknown[]]>([
  ["texts", { content: [{ type: "text", text: "Alpha" }] }, [{ text: "Alpha" }]],
  [
    "embedded resources",
    { content: [{ type: "resource", resource: { uri: "docs://a", text: "Alpha" } }] },
    [{ text: "Alpha", url: "docs://a" }],
  ],
  [
    "linked resources",
    { content: [{ type: "resource_link", uri: "docs://a", name: "A", description: "Alpha" }] },
    [{ text: "Alpha", url: "docs://a", title: "A" }],
  ],
  ["structured content", { content: [], structuredContent: { a: 1 } }, [{ text: '{"a":1}' }]],
  [
    "structured content once, where a text says the same",
    { content: [{ type: "text", text: '{ "a": 1 }' }], structuredContent: { a: 1 } },
    [{ text: '{ "a": 1 }' }],
  ],
  [
    "no images or audio",
    { content: [{ type: "image", data: "QUJD", mimeType: "image/png" }, { type: "audio" }] },
    [],
  ],
  ["nothing of what is no result", "text", []],
])("a tool's result has as sources: %s", (_, result, sources) => {
  expect(toSources(result)).toEqual(sources);
});
