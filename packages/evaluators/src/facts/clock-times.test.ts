import { describe, expect, it } from "vitest";
import { missingNumbers } from "./missing-numbers.ts";
import { numbersIn } from "./numbers.ts";

const missing = (answer: string, context: string): string[] =>
  missingNumbers(numbersIn(answer), answer, context).map(({ start, end }) =>
    answer.slice(start, end),
  );

describe("times of day", () => {
  it.each([
    ["We close at 5:30 PM.", "09:00-17:30"],
    ["We close at 5 p.m., not at 6 p. m.", "17:00, 18:00"],
    ["Come at 2–4 PM.", "14:00-16:00"],
    ["It leaves at 11:45 pm.", "2026-03-02T23:45:00Z"],
    ["12 AM", "00:00"],
    ["12:15 PM", "12:15"],
    ["Wir schließen um 17:30 Uhr.", "We close at 5:30 PM"],
    ["Wir schließen um 17.30 Uhr, freitags um 16 Uhr.", "5:30 PM, Fridays 4 PM"],
    ["Nous fermons à 17h30, le vendredi à 16 heures.", "5:30 PM, Fridays 4 PM"],
    ["Cerramos a las 5:30 de la tarde.", "17:30"],
    ["Fechamos às 5:30 da tarde.", "17:30"],
    ["下午5点半关门", "17:30"],
    ["午後5時30分に閉まります", "17:30"],
    ["오후 5시 30분", "17:30"],
    ["at ٥:٣٠ PM", "17:30"],
  ])("%s has those of %s", (answer, context) => {
    expect(missing(answer, context)).toEqual([]);
  });

  it.each([
    ["at 6:30 PM", "09:00-17:30", ["6"]],
    ["at 5:30 AM", "17:30", ["5"]],
    ["at 5:45 PM", "17:30", ["5", "45"]],
    ["2–4 PM", "15:00-16:00", ["2"]],
    ["12 PM", "00:00", ["12"]],
    ["um 18 Uhr", "at 5 PM", ["18"]],
    ["17時間", "5 PM", ["17"]],
    ["in 17 hours", "at 5 PM", ["17"]],
    ["午後6時", "17:00", ["6"]],
  ])("%s is none of %s", (answer, context, wanted) => {
    expect(missing(answer, context)).toEqual(wanted);
  });
});
