import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Resolves as on a machine that has `@langchain/core` and nothing else of LangChain's. */
const PROGRAM = `
  import { registerHooks } from "node:module";
  registerHooks({
    resolve(specifier, context, next) {
      if (/^(langchain|deepagents|@langchain\\/(?!core))/.test(specifier)) {
        throw Object.assign(new Error("not installed: " + specifier), { code: "ERR_MODULE_NOT_FOUND" });
      }
      return next(specifier, context);
    },
  });
  const { createGuard } = await import("@burnrate/core");
  const hooks = await import(${JSON.stringify(new URL("index.ts", import.meta.url).href)});
  const { FakeListChatModel } = await import("@langchain/core/utils/testing");
  const { tool } = await import("@langchain/core/tools");
  const guard = createGuard({ budgets: ["10 calls/day"] });
  const seen = [];
  guard.on("call-settled", ({ kind, outcome }) => seen.push(kind + " " + outcome));
  const model = () => new FakeListChatModel({ responses: ["hello"] });
  await hooks.guardModel(model(), guard).invoke("hi");
  await model().invoke("hi", { callbacks: [hooks.guardCallback(guard)] });
  const undo = hooks.guardEverywhere(guard);
  await model().invoke("hi");
  undo();
  const schema = { type: "object", properties: {} };
  const search = tool(() => "found", { name: "search", description: "Searches", schema });
  await hooks.guardTool(search, guard).invoke({});
  hooks.guardMiddleware(guard);
  console.log(JSON.stringify(seen));
`;

test("works where only @langchain/core is installed", async () => {
  const args = ["--conditions=@burnrate/source", "--input-type=module", "--eval", PROGRAM];
  const options = {
    cwd: new URL("..", import.meta.url),
    env: { ...process.env, NODE_OPTIONS: "" },
  };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  expect(JSON.parse(stdout)).toEqual([
    "model success",
    "model success",
    "model success",
    "tool success",
  ]);
});

test("imports nothing of LangChain's but @langchain/core, types included", () => {
  const folder = new URL(".", import.meta.url);
  const files = readdirSync(folder).filter((file) => /^(?!test-)[a-z-]+\.ts$/.test(file));
  expect(files.length).toBeGreaterThan(20);
  const foreign = files.flatMap((file) =>
    [
      ...readFileSync(new URL(file, folder), "utf8").matchAll(/(?:from|import\() ?"([^."][^"]*)"/g),
    ].map(([, name = ""]) => name),
  );
  const allowed = /^(node:|@burnrate\/core|@langchain\/core\/messages$)/;
  expect(foreign.filter((name) => !allowed.test(name))).toEqual([]);
});
