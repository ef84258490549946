import type { CallRecord } from "@burnrate/core";
import { providerName } from "../provider-name.ts";
import { ATTRIBUTE, OPERATION, OWN } from "../semantic-conventions.ts";
import type { FoldCounter, Labels } from "./family.ts";
import { boundedValue, type LabelReader } from "./label-option.ts";

type Node<S> = Map<string | undefined, Node<S> | S>;

/** Reads of a record what tells subjects apart, in the order of the maps. */
type Key = (record: CallRecord) => string | undefined;

const KEYS: readonly Key[] = [
  (record) => record.kind,
  (record) => record.purpose,
  (record) => record.provider,
  (record) => record.name,
];

/** Who was counted lately, and what tells it apart. */
interface Recent<S> {
  readonly record: CallRecord;
  readonly values: readonly (string | undefined)[];
  readonly subject: S;
  readonly isFolded: boolean;
}

/** A power of two: models and tools that take turns are found without walking the maps. */
const RECENT = 8;

/** Of embedding models the id says so; a record does not. */
const EMBEDS = /embed/i;

/**
 * Finds what is counted together: the same model or tool, for the same allowed labels. Nested maps,
 * so that a look-up joins no strings; a name that is not kept leaves nothing behind.
 */
export class Subjects<S> {
  readonly #root: Node<S> = new Map();
  readonly #keys: readonly Key[];
  readonly #readers: readonly LabelReader[];
  readonly #maxSubjects: number;
  readonly #counter: FoldCounter;
  readonly #make: (kind: CallRecord["kind"], labels: Labels, isOther: boolean) => S;
  /** Spellings of one provider share a subject, and names that are cut alike: a series is once. */
  readonly #byLabels = new Map<string, S>();
  /** Apart where the metrics are others: model calls, tools, and tools of MCP servers. */
  readonly #others = new Map<string, S>();
  readonly #recent: (Recent<S> | undefined)[] = new Array(RECENT).fill(undefined);
  #size = 0;

  constructor(
    readers: readonly LabelReader[],
    maxSubjects: number,
    counter: FoldCounter,
    make: (kind: CallRecord["kind"], labels: Labels, isOther: boolean) => S,
  ) {
    this.#readers = readers;
    this.#keys = [...KEYS, ...readers.map(({ read }): Key => read)];
    this.#maxSubjects = maxSubjects;
    this.#counter = counter;
    this.#make = make;
  }

  of(record: CallRecord): S {
    const slot = record.name.length & (RECENT - 1);
    const recent = this.#recent[slot];
    if (recent !== undefined && this.#isSame(recent, record)) {
      if (recent.isFolded) this.#counter.folded++;
      return recent.subject;
    }
    const before = this.#counter.folded;
    const subject = this.#find(record);
    const isFolded = this.#counter.folded > before;
    const values = this.#readers.map(({ read }) => read(record));
    this.#recent[slot] = { record, values, subject, isFolded };
    return subject;
  }

  #isSame({ record: seen, values }: Recent<S>, record: CallRecord): boolean {
    if (seen.name !== record.name || seen.provider !== record.provider) return false;
    if (seen.kind !== record.kind || seen.purpose !== record.purpose) return false;
    for (let index = 0; index < values.length; index++) {
      if ((this.#readers[index] as LabelReader).read(record) !== values[index]) return false;
    }
    return true;
  }

  #find(record: CallRecord): S {
    let node: Node<S> | S | undefined = this.#root;
    for (const key of this.#keys) {
      node = (node as Node<S>).get(key(record));
      if (node === undefined) return this.#open(record);
    }
    return node as S;
  }

  #open(record: CallRecord): S {
    if (this.#size >= this.#maxSubjects) return this.#other(record);
    this.#size++;
    const subject = this.#ofLabels(record);
    let node = this.#root;
    const last = this.#keys.length - 1;
    for (const key of this.#keys.slice(0, last)) {
      const value = key(record);
      let next = node.get(value) as Node<S> | undefined;
      if (next === undefined) {
        next = new Map();
        node.set(value, next);
      }
      node = next;
    }
    node.set((this.#keys[last] as Key)(record), subject);
    return subject;
  }

  #ofLabels(record: CallRecord): S {
    const labels = this.#labelsOf(record);
    const id = JSON.stringify(labels);
    const subject = this.#byLabels.get(id) ?? this.#make(record.kind, labels, false);
    this.#byLabels.set(id, subject);
    return subject;
  }

  #other(record: CallRecord): S {
    this.#counter.folded++;
    const { kind, provider } = record;
    const key = kind === "tool" && provider !== undefined ? "mcp" : kind;
    let other = this.#others.get(key);
    if (other === undefined) {
      other = this.#make(kind, this.#labelsOf(record), true);
      this.#others.set(key, other);
    }
    return other;
  }

  #labelsOf(record: CallRecord): Labels {
    const labels = record.kind === "model" ? modelLabels(record) : toolLabels(record);
    labels[OWN.purpose] = record.purpose;
    for (const { attribute, read } of this.#readers) labels[attribute] = read(record) ?? "";
    for (const [key, value] of Object.entries(labels)) labels[key] = value.toWellFormed();
    return labels;
  }
}

/** `chat`, or `embeddings` for a model whose id says so. */
export function operationOf(record: CallRecord): string {
  if (record.kind === "tool") return OPERATION.executeTool;
  return EMBEDS.test(record.name) ? OPERATION.embeddings : OPERATION.chat;
}

function modelLabels(record: CallRecord): Record<string, string> {
  return {
    [ATTRIBUTE.operation]: operationOf(record),
    [ATTRIBUTE.provider]: boundedValue(providerName(record.provider)),
    [ATTRIBUTE.requestModel]: boundedValue(record.name),
  };
}

function toolLabels(record: CallRecord): Record<string, string> {
  const { provider } = record;
  return {
    [ATTRIBUTE.operation]: OPERATION.executeTool,
    [ATTRIBUTE.tool]: boundedValue(record.name),
    ...(provider !== undefined && {
      [ATTRIBUTE.mcpMethod]: OPERATION.mcpCallTool,
      [OWN.toolProvider]: boundedValue(provider),
    }),
  };
}
