import type { CallContext, CallRecord } from "@burnrate/core";
import { nearest, optionError, quote } from "@burnrate/core/adapter";
import { labelName } from "../prometheus/format.ts";
import { ATTRIBUTE, OWN } from "../semantic-conventions.ts";

/**
 * What of a call's context may become a label. Users, sessions, tasks and correlations cannot: each
 * of their values would be a series that nobody ever reads again.
 */
export type MetricLabel =
  | "agent"
  | "agentVersion"
  | "environment"
  | "org"
  | "team"
  | `labels.${string}`;

/** A label and how it is read. */
export interface LabelReader {
  readonly attribute: string;
  read(record: CallRecord): string | undefined;
}

const FIELDS = {
  agent: ATTRIBUTE.agent,
  agentVersion: ATTRIBUTE.agentVersion,
  environment: ATTRIBUTE.environment,
  org: OWN.org,
  team: OWN.team,
} as const;
const NEVER = ["user", "session", "task", "correlation", "call", "id"];
const PREFIX = "labels.";

/** Longest value of a label, in UTF-16 units. */
const MAX_LENGTH = 200;

/** Cuts a value that is too long to keep; the copy lets go of the original. */
export function boundedValue(value: string): string {
  return value.length <= MAX_LENGTH ? value : Buffer.from(value.slice(0, MAX_LENGTH)).toString();
}

/** Readers of the labels that were asked for. @throws {ConfigError} `BR9001` for any other. */
export function labelReaders(path: string, labels: readonly MetricLabel[]): LabelReader[] {
  if (!Array.isArray(labels)) throw optionError(path, labels, "an array of labels");
  const names = new Map<string, MetricLabel>();
  return [...new Set(labels)].map((label, index) => {
    const at = `${path}[${index}]`;
    const reader = toReader(at, label);
    const name = labelName(reader.attribute);
    const first = names.get(name);
    if (first !== undefined) {
      // One sample with a label twice, and Prometheus refuses the whole scrape.
      throw optionError(
        at,
        label,
        `different from ${quote(first)} in Prometheus, where both are ${name}`,
      );
    }
    names.set(name, label);
    return reader;
  });
}

function toReader(path: string, label: MetricLabel): LabelReader {
  const own = typeof label === "string" && label.startsWith(PREFIX) && label.length > PREFIX.length;
  if (own) {
    const key = label.slice(PREFIX.length);
    return {
      attribute: `${OWN.labelPrefix}${key}`,
      read: ({ context }) => text(context.labels?.[key]),
    };
  }
  const field = label as keyof typeof FIELDS;
  if (!Object.hasOwn(FIELDS, field)) throw wrongLabel(path, label);
  return { attribute: FIELDS[field], read: ({ context }) => text(context[field]) };
}

function text(value: CallContext["agent"]): string | undefined {
  return value === undefined ? undefined : boundedValue(value);
}

function wrongLabel(path: string, label: unknown): Error {
  const allowed = [...Object.keys(FIELDS), "labels.<key>"];
  const why = NEVER.includes(label as string)
    ? " (ids of users, sessions and calls are never labels: use spans)"
    : "";
  return optionError(path, label, `one of ${allowed.join(", ")}${why}`, {
    allowed,
    nearest: typeof label === "string" ? nearest(label, allowed) : undefined,
  });
}
