import { isRecord } from "../shape.ts";
import { spendWork } from "./work-limit.ts";

/**
 * JSON Schema's `uniqueItems` in linear time: Ajv compares each object with all the others, and a
 * model may answer thousands.
 */
export const UNIQUE_ITEMS = {
  keyword: "uniqueItems",
  type: "array",
  schemaType: "boolean",
  error: { message: "must NOT have duplicate items" },
  validate: (isWanted: boolean, items: readonly unknown[]): boolean => {
    spendWork(items.length);
    return !isWanted || new Set(items.map(toText)).size === items.length;
  },
} as const;

/** The same text for equal data, whatever the order of its fields. */
function toText(value: unknown): string {
  return JSON.stringify(value, (_, held: unknown) => (isRecord(held) ? sorted(held) : held));
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
