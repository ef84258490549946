import { type CallRecord, createGuard } from "@burnrate/core";
import { expect, it } from "vitest";
import { labelReaders } from "./label-option.ts";
import { Subjects } from "./subjects.ts";

const records: CallRecord[] = [];
const guard = createGuard({ exporters: [{ name: "x", exportCall: (r) => void records.push(r) }] });
for (let index = 0; index < 50; index++) {
  await guard.with({ agent: `agent-${index}` }, () =>
    guard.run({ kind: "tool", name: `tool-${index % 2}` }, () => ({ value: 1 })),
  );
}

it("names beyond the cap share one subject, and leave nothing behind", () => {
  let made = 0;
  const counter = { folded: 0 };
  const readers = labelReaders("labels", ["agent"]);
  const subjects = new Subjects(readers, 10, counter, () => ++made);
  const first = records.map((record) => subjects.of(record));
  const second = records.map((record) => subjects.of(record));
  expect(made).toBe(11);
  expect(second).toEqual(first);
  expect(new Set(first.slice(10)).size).toBe(1);
  expect(counter.folded).toBe(80);
});

it("the same tool of two agents, and two tools of one agent, are kept apart", () => {
  const subjects = new Subjects(labelReaders("labels", ["agent"]), 100, { folded: 0 }, () => ({}));
  expect(new Set(records.map((record) => subjects.of(record))).size).toBe(50);
  const blind = new Subjects([], 100, { folded: 0 }, () => ({}));
  expect(new Set(records.map((record) => blind.of(record))).size).toBe(2);
});

it("a name beyond the cap is counted as folded each time, also when it comes again and again", () => {
  const counter = { folded: 0 };
  const subjects = new Subjects([], 1, counter, () => ({}));
  const [kept, folded] = records as [CallRecord, CallRecord];
  subjects.of(kept);
  for (let time = 0; time < 10; time++) subjects.of(folded);
  expect(counter.folded).toBe(10);
});
