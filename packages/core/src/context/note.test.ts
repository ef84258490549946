import { expect, test } from "vitest";
import { setUp } from "../guard/test-fixture.ts";
import type { OpenTask } from "../task/task.ts";
import { currentNote, withNote } from "./note.ts";

test("a note is found wherever what it was left for goes", async () => {
  const { guard } = setUp();
  const note = {};
  const found = await withNote(undefined, note, async () => {
    await undefined;
    const inTask = await guard.task({ name: "inner" }, async () => currentNote());
    return [currentNote(), inTask, guard.with({ agent: "a" }, currentNote)];
  });
  expect(found).toEqual([note, note, note]);
  expect(currentNote()).toBeUndefined();
});

test("the nearest note counts", () => {
  const [outer, inner] = [{ is: "outer" }, { is: "inner" }];
  const found = withNote(undefined, outer, () => [
    withNote(undefined, inner, currentNote),
    currentNote(),
  ]);
  expect(found).toEqual([inner, outer]);
});

test("with a task, what is noted runs in it", () => {
  const { guard } = setUp();
  const task = guard.openTask({ name: "run" });
  const ofAnotherCopy = { id: task.id, run: task.run } as unknown as OpenTask;
  for (const opened of [task, ofAnotherCopy]) {
    const note = {};
    const found = withNote(opened, note, () => [guard.context().task, currentNote()]);
    expect(found).toEqual([task.id, note]);
  }
});
