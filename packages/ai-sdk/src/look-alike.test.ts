import { inspect } from "node:util";
import { generateText } from "ai";
import { expect, test } from "vitest";
import { guardModel } from "./guard-model.ts";
import { lookAlike } from "./look-alike.ts";
import { watchedGuard } from "./test-fixture.ts";

const USAGE = { inputTokens: { total: 10 }, outputTokens: { total: 3 } };

/** As providers write theirs: fields, accessors over private state, methods that need both. */
class Model {
  readonly specificationVersion = "v4";
  modelId = "gpt-5-mini";
  extra?: unknown;
  #provider = "openai";
  get provider(): string {
    return this.#provider;
  }
  set provider(name: string) {
    this.#provider = name;
  }
  get supportedUrls(): object {
    return { of: this.#provider };
  }
  /** Of two models of one class, each has its own. */
  readonly says = (): string => `${this.#provider}/${this.modelId}`;
  readPrivate(): string {
    return this.#provider;
  }
  async doGenerate(): Promise<unknown> {
    const content = [{ type: "text", text: this.#provider }];
    return { content, finishReason: { unified: "stop" }, usage: USAGE, warnings: [] };
  }
  doStream(): Promise<never> {
    return Promise.reject(new Error(this.#provider));
  }
}

const METHODS = { doGenerate: () => "guarded" };

test("what passes for a model is of its class and reads as it does", () => {
  const [model, other] = [new Model(), new Model()];
  other.modelId = "gpt-5-nano";
  const [like, otherLike] = [lookAlike(model, METHODS), lookAlike(other, METHODS)];
  expect(like).toBeInstanceOf(Model);
  expect(like.constructor).toBe(Model);
  expect(like.doGenerate()).toBe("guarded");
  expect([like.provider, like.modelId, like.supportedUrls]).toEqual([
    "openai",
    "gpt-5-mini",
    { of: "openai" },
  ]);
  expect([like.readPrivate(), like.says(), otherLike.says()]).toEqual([
    "openai",
    "openai/gpt-5-mini",
    "openai/gpt-5-nano",
  ]);
  expect(like.readPrivate).toBe(like.readPrivate);
  for (const name of ["provider", "modelId", "extra", "says", "readPrivate", "doStream"]) {
    expect(name in like).toBe(name in model);
  }
  expect("missing" in like).toBe(false);
  expect(inspect(like)).toContain("Model");
});

test("what changes on the model changes on what passes for it, and the other way round", () => {
  const model = new Model();
  const like = lookAlike(model, METHODS);
  model.modelId = "gpt-5";
  Object.assign(model, { later: 1, whoAmI: () => model.provider });
  expect([like.modelId, Reflect.get(like, "later")]).toEqual(["gpt-5", 1]);
  expect(Reflect.get(like, "whoAmI")()).toBe("openai");
  Object.assign(like, { provider: "azure", modelId: "mini", later: 2, extra: 3 });
  expect(model).toMatchObject({ provider: "azure", modelId: "mini", later: 2, extra: 3 });
  expect(like.supportedUrls).toEqual({ of: "azure" });
});

test("what passes for what passes for a model, or inherits from it, does so, too", () => {
  const model = new Model();
  const like = lookAlike(lookAlike(model, { doStream: () => "inner" }), METHODS);
  const heir: Model = Object.create(like);
  for (const one of [like, heir]) {
    expect(one).toBeInstanceOf(Model);
    expect([one.doGenerate(), one.doStream(), one.readPrivate(), one.provider]).toEqual([
      "guarded",
      "inner",
      "openai",
      "openai",
    ]);
  }
});

test.each([
  ["a plain object", (fields: object) => fields],
  ["one without a prototype", (fields: object) => Object.assign(Object.create(null), fields)],
  ["a frozen one", Object.freeze],
])("%s passes, whatever its members are called", (_, make) => {
  const model = make({ modelId: "m", toString: () => "own", hasOwnProperty: 1, sub: { a: 1 } });
  const like = lookAlike(model, METHODS);
  expect([like.doGenerate(), like.modelId, String(like), like.hasOwnProperty]).toEqual([
    "guarded",
    "m",
    "own",
    1,
  ]);
  expect(like.sub).toBe(model.sub);
});

test("what writes to a frozen model is told that it cannot", () => {
  const like = lookAlike<object>(Object.freeze({ modelId: "m", settings: {} }), METHODS);
  for (const name of ["modelId", "settings", "later"]) {
    expect(() => Object.assign(like, { [name]: 1 })).toThrow(TypeError);
  }
  expect(like).toMatchObject({ modelId: "m", settings: {} });
});

test("a guarded plain model may be spread into another, which is guarded", async () => {
  const { guard, records } = watchedGuard();
  const { doGenerate, doStream } = new Model();
  const plain = {
    specificationVersion: "v4",
    provider: "openai",
    modelId: "gpt-5-mini",
    supportedUrls: {},
    settings: { user: "u" },
    doGenerate: doGenerate.bind(new Model()),
    doStream: doStream.bind(new Model()),
  };
  const model = { ...guardModel(plain, guard), modelId: "gpt-5-nano" };
  expect(model).toMatchObject({ provider: "openai", settings: plain.settings });
  await generateText({ model: model as never, prompt: "hi" });
  expect(records).toHaveLength(1);
});
