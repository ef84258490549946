import { fieldsOf } from "./sdk-types.ts";

/**
 * Whether one prompt is the other as the SDK rewrites it for a model of an older specification: it
 * makes new messages, and new parts of files and tool results, and keeps all other parts. Without
 * that, a hook around such a model and one inside of it would take one call for two.
 */
export function isRewritten(outer: unknown, inner: unknown): boolean {
  return isEach(outer, inner, isSameMessage);
}

function isSameMessage(outer: unknown, inner: unknown): boolean {
  const { role, content } = fieldsOf(inner);
  const before = fieldsOf(outer);
  return role === before["role"] && isEach(before["content"], content, isSamePart);
}

function isSamePart(outer: unknown, inner: unknown): boolean {
  const { type, mediaType, toolCallId } = fieldsOf(inner);
  const before = fieldsOf(outer);
  if (type !== before["type"]) return false;
  if (type === "file") return mediaType === before["mediaType"];
  return type === "tool-result" && toolCallId === before["toolCallId"];
}

function isEach(
  outer: unknown,
  inner: unknown,
  isSame: (outer: unknown, inner: unknown) => boolean,
): boolean {
  if (!(Array.isArray(outer) && Array.isArray(inner)) || outer.length !== inner.length)
    return false;
  return inner.every((one, index) => one === outer[index] || isSame(outer[index], one));
}
