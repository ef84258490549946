import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors/config-error.ts";
import {
  checkArray,
  checkBoolean,
  checkFraction,
  checkFunction,
  checkMethods,
  checkObject,
  checkOneOf,
  checkString,
  checkWholeNumber,
  refuseUnknownKeys,
} from "./check-object.ts";

const REVOKED: object = (() => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
})();

const TRAPPED = {
  get limit(): never {
    throw new Error("secret");
  },
};

function errorOf(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("the error for a wrong option", () => {
  it("names the option, what was given, what is allowed and the nearest spelling", () => {
    const error = errorOf(() => checkOneOf("onUnknownPrice", "dney", ["deny", "ceiling"]));
    expect(error.message).toBe(
      'BR9001 onUnknownPrice must be one of "deny", "ceiling"; got "dney". Did you mean "deny"?',
    );
    expect(error.scope).toBe("onUnknownPrice");
    expect(error.details).toEqual({
      option: "onUnknownPrice",
      given: '"dney"',
      allowed: ["deny", "ceiling"],
      nearest: "deny",
    });
  });

  it.each([
    ["postgres://app:hunter2@db.local/x", '"postgres://…@db.local/x"'],
    ["redis://:hunter/2@db.local:6379", '"redis://…@db.local:6379"'],
    ["postgres://db.local/x?user=app&password=hunter2", '"postgres://db.local/x?…"'],
    [`https://app:${"hunter2".repeat(50)}@db.local`, '"https://…@db.local"'],
  ])("shows no password of an address: %s", (address, shown) => {
    const error = errorOf(() => checkMethods("store", address, ["settle"]));
    expect(error.message).toContain(`got ${shown}.`);
    expect(error.details).toMatchObject({ given: shown });
  });

  it("says which key does not exist and which one was probably meant", () => {
    const error = errorOf(() => refuseUnknownKeys("createGuard", { budget: [] }, ["budgets"]));
    expect(error.message).toBe(
      'BR9001 createGuard has no option "budget"; allowed are "budgets". Did you mean "budgets"?',
    );
  });

  it("suggests nothing when nothing is near", () => {
    const error = errorOf(() => refuseUnknownKeys("createGuard", { zzz: 1 }, ["budgets"]));
    expect(error.message).not.toContain("Did you mean");
    expect(error.details).not.toHaveProperty("nearest");
  });

  it("refuses keys that every object inherits", () => {
    const parsed = JSON.parse('{"__proto__": 1}') as object;
    expect(() => refuseUnknownKeys("options", parsed, ["id"])).toThrow(ConfigError);
    expect(() => refuseUnknownKeys("options", { constructor: 1 }, ["id"])).toThrow(ConfigError);
  });

  it.each<[unknown, string]>([
    ["x".repeat(1_000_000), "…"],
    ["a\nb\u202e", '"a\\nb\\u{202e}"'],
    ["\u2028\u{e0041}", '"\\u{2028}\\u{e0041}"'],
    [Array.from({ length: 9 }), "an array of 9"],
    [{ token: "hidden" }, "an object"],
    [Promise.resolve("hidden"), "a promise that was not awaited"],
    [new Map([["token", "hidden"]]), "a Map"],
    [() => "hidden", "a function"],
    [Symbol("hidden"), "a symbol"],
    [10n ** 500n, "n."],
    [-0, "-0"],
    [null, "null"],
    [undefined, "undefined"],
  ])("shows what was given in short, on one line (%#)", (value, shown) => {
    const { message } = errorOf(() => checkOneOf("option", value, ["yes"]));
    expect(message).toContain(shown);
    expect(message).not.toContain("hidden");
    expect(message.length).toBeLessThan(200);
    expect(message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  });

  it("survives an object that cannot even be looked at", () => {
    const { message } = errorOf(() => checkOneOf("option", REVOKED, ["yes"]));
    expect(message).toContain("got an object that cannot be read.");
    expect(() => checkObject("options", REVOKED)).toThrow("options must be an object");
  });

  it("prints any value safely", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true }), (value) => {
        const { message } = errorOf(() => checkOneOf("option", value, ["neverGenerated"]));
        expect(message.length).toBeLessThan(600);
        expect(message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe("checkObject", () => {
  it("says that a getter threw, and not what", () => {
    const why = "options must be an object whose properties can be read; got an object.";
    expect(() => checkObject("options", TRAPPED)).toThrow(why);
  });

  it("treats an option set to undefined as absent", () => {
    expect(checkObject("options", { id: "a", per: undefined })).toEqual({ id: "a" });
  });

  it("reads each option once, so that what was checked is what is used", () => {
    let reads = 0;
    const options = checkObject("options", {
      get id() {
        reads++;
        return "a";
      },
    });
    expect([options["id"], options["id"], reads]).toEqual(["a", "a", 1]);
  });

  it.each([null, undefined, 5, "text", [], () => 1])("refuses %# as options", (value) => {
    expect(() => checkObject("options", value)).toThrow("options must be an object");
  });

  it.each([
    ["a promise that nobody awaited", Promise.resolve({ budgets: ["$5/day"] })],
    ["a map", new Map([["budgets", ["$5/day"]]])],
    ["a set", new Set(["$5/day"])],
    ["a date", new Date(0)],
  ])("refuses %s, which would pass for no options at all", (_, value) => {
    expect(() => checkObject("options", value)).toThrow("options must be an object");
  });

  it("takes an instance of a class, a module, and an object without a prototype", () => {
    class Options {
      readonly id = "a";
    }
    const bare = Object.assign(Object.create(null), { id: "a" });
    const module = Object.assign(Object.create(null), { [Symbol.toStringTag]: "Module", id: "a" });
    for (const given of [new Options(), bare, module]) {
      expect(checkObject("options", given)["id"]).toBe("a");
    }
    expect(checkObject("options", Object.create(null))).toEqual({});
  });

  it("refuses an object that inherits its options, which nobody would read", () => {
    class Settings {
      get budgets(): string[] {
        return ["$5/day"];
      }
    }
    class Own extends Settings {
      readonly onHeld = "wait";
    }
    for (const given of [new Settings(), new Own(), Object.create({ budgets: ["$5/day"] })]) {
      expect(errorOf(() => checkObject("createGuard", given)).message).toBe(
        "BR9001 createGuard must be an object with options of its own: inherited ones are not read; got an object.",
      );
    }
  });

  it("does not repeat what a getter or a Proxy threw", () => {
    const trap = (): never => {
      throw new Error("secret");
    };
    for (const given of [TRAPPED, new Proxy({}, { getPrototypeOf: trap })]) {
      const { message } = errorOf(() => checkObject("options", given));
      expect(message).toMatch(/^BR9001 (?!.*secret)/);
    }
  });
});

describe("checks of single values", () => {
  it.each(["", "  ", "a\u0000b", "line\nbreak", "x".repeat(201), 5, null])(
    "refuses %j as a name",
    (value) => {
      expect(() => checkString("id", value)).toThrow(ConfigError);
    },
  );

  it("accepts names in any language", () => {
    expect(checkString("id", "Bücher / 本")).toBe("Bücher / 本");
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, 11, "5", 5n, 2 ** 53])(
    "refuses %s as a whole number up to 10",
    (value) => {
      expect(() => checkWholeNumber("depth", value, { max: 10 })).toThrow(
        "depth must be a whole number from 0 to 10",
      );
    },
  );

  it("accepts whole numbers on both bounds", () => {
    expect(checkWholeNumber("depth", 1, { min: 1, max: 10 })).toBe(1);
    expect(checkWholeNumber("depth", 10, { min: 1, max: 10 })).toBe(10);
  });

  it("accepts a fraction up to 1, and 0 only where it means off", () => {
    expect(checkFraction("sample", 1)).toBe(1);
    expect(checkFraction("sample", Number.MIN_VALUE)).toBe(Number.MIN_VALUE);
    expect(checkFraction("sample", 0, { allowZero: true })).toBe(0);
    for (const value of [0, -0.1, 1.000001, Number.NaN, "0.5"]) {
      expect(() => checkFraction("sample", value)).toThrow(ConfigError);
    }
  });

  it("refuses truthy values where true or false is asked for", () => {
    expect(checkBoolean("required", false)).toBe(false);
    expect(() => checkBoolean("required", "false")).toThrow('true or false; got "false"');
  });

  it("refuses lists that are too long, or are none", () => {
    expect(checkArray("budgets", ["$1"], 1)).toEqual(["$1"]);
    expect(() => checkArray("budgets", ["$1", "$2"], 1)).toThrow("an array of 2");
    expect(() => checkArray("budgets", { length: 1 })).toThrow(ConfigError);
    expect(() => checkArray("budgets", REVOKED)).toThrow(ConfigError);
  });

  it("names the method that a port lacks, and accepts methods of a class", () => {
    class Store {
      reserve(): void {}
    }
    expect(() => checkMethods("store", new Store(), ["reserve"])).not.toThrow();
    expect(() => checkMethods("store", new Store(), ["reserve", "settle"])).toThrow(
      "store.settle must be a function; got undefined",
    );
    expect(() => checkMethods("store", TRAPPED, ["limit"])).toThrow(ConfigError);
    expect(() => checkMethods("store", null, ["settle"])).toThrow("with the method settle");
    expect(() => checkFunction("authorize", {})).toThrow(ConfigError);
  });
});
