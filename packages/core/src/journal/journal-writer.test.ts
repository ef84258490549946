import { describe, expect, it } from "vitest";
import { JournalWriter } from "./journal-writer.ts";
import { MemoryJournal } from "./memory-journal.ts";

function setUp() {
  const journal = new MemoryJournal();
  const said: string[] = [];
  const summary = { lines: "" };
  const writer = new JournalWriter(
    journal,
    (message) => said.push(message),
    () => summary.lines,
  );
  writer.open("store");
  writer.write("begins it with the summary\n");
  return { journal, said, summary, writer, lines: () => [...journal.parts.values()] };
}

describe("a journal that cannot be written", () => {
  it("is taken away as a whole, and begun anew with all that is to be known", () => {
    const { journal, said, summary, writer, lines } = setUp();
    writer.write("one\n");
    journal.failing = ["append"];
    writer.write("two\n");
    expect(lines()).toEqual([]);
    expect(writer.isWhole).toBe(false);
    expect(said).toEqual([expect.stringContaining("append: no space left on device")]);
    writer.write("three\n");
    expect(lines()).toEqual([]);
    journal.failing = [];
    summary.lines = "one\ntwo\nthree\n";
    writer.look();
    writer.write("four\n");
    expect(lines()).toEqual(["one\ntwo\nthree\nfour\n"]);
    expect(writer.isWhole).toBe(true);
  });

  it("refuses to go on while wrong notes can be read by others", () => {
    const { journal, writer, lines } = setUp();
    writer.write("one\n");
    journal.failing = ["append", "discard"];
    const unsafe = expect.objectContaining({
      code: "BR8001",
      message: expect.stringMatching(/gaps/),
    });
    expect(() => writer.write("two\n")).toThrow(unsafe);
    expect(() => writer.write("three\n")).toThrow(unsafe);
    expect(() => writer.write("")).toThrow(unsafe);
    expect(lines()).toEqual(["one\n"]);
    journal.failing = [];
    writer.write("four\n");
    expect(lines()).toEqual([]);
  });

  it("fails nobody when it cannot be begun", () => {
    const journal = new MemoryJournal();
    const said: string[] = [];
    journal.open = () => {
      throw new Error("permission denied");
    };
    const writer = new JournalWriter(
      journal,
      (message) => said.push(message),
      () => "",
    );
    writer.open("store");
    for (let times = 0; times < 2; times++) writer.write("one\n");
    expect(writer.isWhole).toBe(false);
    expect(said[0]).toContain("permission denied");
  });
});

describe("the length of a journal", () => {
  it("is bounded by what there is to be known", () => {
    const { summary, writer, lines } = setUp();
    const line = `${"x".repeat(1_023)}\n`;
    summary.lines = "short\n";
    let longest = 0;
    for (let count = 0; count < 2_000; count++) {
      writer.write(line);
      longest = Math.max(longest, lines()[0]?.length ?? 0);
    }
    expect(longest).toBeLessThan(300_000);
    writer.empty();
    expect(lines()).toEqual(["short\n"]);
  });

  it("grows with it, so that not everything is written each time", () => {
    const { summary, writer, lines } = setUp();
    summary.lines = `${"x".repeat(999_999)}\n`;
    let writtenAnew = 0;
    for (let count = 0; count < 100; count++) {
      writer.write(`${"y".repeat(49_999)}\n`);
      if (lines()[0] === summary.lines) writtenAnew++;
    }
    expect(writtenAnew).toBeGreaterThan(0);
    expect(writtenAnew).toBeLessThan(10);
  });
});

it("says that it lives, and is gone once it is closed and says nothing", () => {
  const { journal, writer, lines } = setUp();
  writer.look();
  expect([...journal.touched.values()]).toEqual([1]);
  writer.close(true);
  expect(lines()).toEqual([]);
  writer.look();
  expect([...journal.touched.values()]).toEqual([1]);
});
