import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const BENCH = fileURLToPath(new URL("../../../bench/quality.ts", import.meta.url));
const HEADER = "model_name\tdata_source\tknowledge\tmessage\tresponse\tbegin_label";
const CLAIM = '{"claim":"a","evidence":["a"],"label":"supported"}';
const RECORDED = "wice_judge_gpt-3.5-turbo-0613.claim_test.jsonl";
const ANSWER = '{"prompt":"a","response":"a"}';
const LABEL = '{"output":"a","context":"a","good":true}';

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "quality-"));
});

afterEach(() => rm(folder, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

/** Runs `pnpm bench:quality` with these arguments. */
async function measure(...args: string[]): Promise<{ said: string; failed: boolean }> {
  const run = [...["--conditions=@burnrate/source", BENCH], ...args];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, run);
    return { said: stdout + stderr, failed: false };
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return { said: stdout + stderr, failed: true };
  }
}

describe("pnpm bench:quality", () => {
  it("measures nothing, and says so, without data", async () => {
    const { said, failed } = await measure();
    expect(said).toBe("skipped: no data (--data DIR)\n");
    expect(failed).toBe(false);
  });

  it("names the sets that the folder has not, and measures the others", async () => {
    const lines = [
      LABEL,
      LABEL.replace("true", "false"),
      LABEL.replace('"output":"a"', '"output":""'),
    ];
    await put("groundedness/labels-mine.jsonl", lines.join("\n"));
    await put("pii/other.json", "[]");
    const { said, failed } = await measure("--data", folder);
    expect(said).toMatch(/WiCE dev: skipped: no wice_claim_dev\.jsonl/);
    expect(said).toMatch(/pii: skipped: no data, synth_dataset_v2\.json/);
    expect(said).toMatch(/tool-calls: skipped: no data/);
    expect(said).toMatch(/labels-mine\.jsonl: 1 that were not judged are left out/);
    expect(said).toMatch(/labels-mine\.jsonl.*ours/);
    expect(failed).toBe(false);
  });

  it("matches lengths so closely that length tells nothing any more", async () => {
    const label = (length: number, good: boolean): string =>
      JSON.stringify({ output: "a".repeat(length), context: "a", good });
    const near = [66, 67, 68, 69].flatMap((length) => [
      ...Array.from({ length: 12 }, () => label(length, true)),
      ...Array.from({ length: 6 }, () => label(length, false)),
    ]);
    const far = Array.from({ length: 9 }, () => label(90, false));
    await put("groundedness/labels-mine.jsonl", [...near, ...far].join("\n"));
    const { said } = await measure("--data", folder);
    expect(said).toMatch(/lengths matched' │ 48 +│ 'length' +│ 0\.5 /u);
  });

  it("counts κ of recorded answers where people's labels are there, and else says why not", async () => {
    const counts = [
      ["supported", "supported", 30],
      ["supported", "not_supported", 6],
      ["partially_supported", "supported", 5],
      ["not_supported", "partially_supported", 19],
    ] as const;
    const claims = counts.flatMap(([answer, label, count], group) =>
      Array.from({ length: count }, (_, at) => ({ claim: `Claim ${group}.${at}.`, answer, label })),
    );
    const prompt = (claim: string): string =>
      `<claim>${claim}</claim><evidence><sentence_1>Text.</sentence_1></evidence>`;
    const recorded = claims.map(({ claim, answer }) => ({
      prompt: prompt("An example.") + prompt(claim),
      response: `<explanation>So.</explanation><answer>${answer}</answer>`,
    }));
    const lines = (items: readonly object[]): string =>
      items.map((item) => JSON.stringify(item)).join("\n");
    await put(`groundedness/${RECORDED}`, lines(recorded));
    const without = (await measure("--data", folder)).said;
    expect(without).toMatch(
      /κ with people and balanced accuracy: skipped\. What people said of these/,
    );
    await put("groundedness/wice_claim_test.jsonl", lines(claims));
    const { said, failed } = await measure("--data", folder);
    // 11 of 60 disagree; of pairs at random (36 × 25 + 24 × 35) of 3,600 would.
    const kappa = 1 - 11 / 60 / ((36 * 25 + 24 * 35) / 3_600);
    expect(said).toMatch(new RegExp(`'κ' +│ ${kappa.toFixed(3)} `));
    expect(said).not.toContain("κ with people and balanced accuracy: skipped");
    expect(said).toContain("{ passedGood: 30, failedBad: 19, passedBad: 6, failedGood: 5 }");
    expect(failed).toBe(false);
  });

  it.each([
    ["no folder behind --data", [], /^\n--data needs a folder\n$/],
    ["one that does not exist", ["/no/such"], /^\n--data \/no\/such: no such folder\n$/],
    ["a file", [BENCH], /^\n--data .*quality\.ts: no such folder\n$/],
    [
      "one without any of the parts",
      [dirname(BENCH)],
      /^\n--data .*: has none of the folders groundedness, tool-calls/,
    ],
  ])("refuses %s", async (_, given, message) => {
    const { said, failed } = await measure("--data", ...given);
    expect(said).toMatch(message);
    expect(failed).toBe(true);
  });

  it.each([
    ["wice_claim_dev.jsonl", `${CLAIM}\n\n{"claim":`, ":3: is no JSON"],
    ["wice_claim_dev.jsonl", `${CLAIM}\n[]`, ":2: is no JSON object"],
    ["wice_claim_dev.jsonl", '{"claim":"a","label":"supported"}', ':1: has no "evidence"'],
    ["wice_claim_dev.jsonl", CLAIM.replace('["a"]', '"a"'), ':1: "evidence" is no list'],
    ["begin_dev_wow.tsv", `${HEADER}\nt5\twow\tcut off`, ':2: has no "begin_label"'],
    ["labels-mine.jsonl", `${LABEL}\n{"output":"a","good":true}`, ':2: has no "context"'],
    ["labels-mine.jsonl", '{"output":"a","context":"a","good":1}', ":1 has no good: true or false"],
    [RECORDED, "{]", ":1: is no JSON"],
    [RECORDED, `${ANSWER}\n{"prompt":"a"}`, ':2: has no "response"'],
    [RECORDED, '{"prompt":["a"],"response":"a"}', ':1: "prompt" is no text'],
    ["wice_claim_test.jsonl", '{"claim":"a"}', ':1: has no "label"'],
    ["wice_claim_test.jsonl", '{"label":"supported"}', ':1: has no "claim"'],
  ])("names file and line of what is wrong in %s", async (file, text, problem) => {
    await put(`groundedness/${RECORDED}`, ANSWER); // without one nobody reads what people said
    await put(`groundedness/${file}`, text);
    const { said, failed } = await measure("--data", folder);
    expect(said).toContain(`${join(folder, "groundedness", file)}${problem}`);
    expect(said).not.toMatch(/\n {4}at /); // no stack
    expect(failed).toBe(true);
  });
});
