import { strict as assert } from "node:assert";
import type { StateStore } from "../../ports/state-store.ts";
import { HOSTILE_NAMES } from "./hostile-names.ts";
import type { PortContractOptions } from "./options.ts";
import { portCase, restartedPortCase } from "./port-case.ts";

/**
 * What every state store must do: keep texts whole, and let one writer win where several saw the
 * same.
 *
 * @example
 * stateContract({ test, create: () => createMemoryStore().state });
 */
export function stateContract(options: PortContractOptions<StateStore>): void {
  portCase(options, "a value is there once it is written, with its revision", async (trial) => {
    const { port, other, prefix: key } = trial;
    assert.equal(await port.read(key), undefined);
    assert.equal(await port.write(key, "one", 0), 1);
    for (const state of [port, other]) {
      assert.deepEqual({ ...(await state.read(key)) }, { value: "one", revision: 1 });
    }
    assert.equal(await other.write(key, "two", 1), 2);
    assert.equal(await port.write(key, "three", 2), 3);
    assert.deepEqual({ ...(await other.read(key)) }, { value: "three", revision: 3 });
  });

  portCase(options, "who saw an older value does not write", async (trial) => {
    const { port, other, prefix: key } = trial;
    await port.write(key, "one", 0);
    for (const seen of [0, 2, -1, 1.5]) {
      assert.equal(await other.write(key, "lost", seen), undefined, `${seen} was not the newest`);
    }
    await port.write(key, "two", 1);
    assert.equal(await other.write(key, "lost", 1), undefined);
    assert.deepEqual({ ...(await other.read(key)) }, { value: "two", revision: 2 });
    const fresh = `${key}-fresh`;
    assert.equal(await port.write(fresh, "lost", 1), undefined, "there was none to be seen");
    assert.equal(await port.read(fresh), undefined);
  });

  portCase(options, "a value is removed by who saw its newest revision", async (trial) => {
    const { port, other, prefix: key } = trial;
    assert.equal(await port.remove(key, 0), false);
    await port.write(key, "one", 0);
    await port.write(key, "two", 1);
    for (const seen of [0, 1, 3]) assert.equal(await other.remove(key, seen), false);
    assert.deepEqual({ ...(await port.read(key)) }, { value: "two", revision: 2 });
    assert.equal(await other.remove(key, 2), true);
    assert.equal(await port.remove(key, 2), false);
    assert.equal(await port.read(key), undefined);
    assert.equal(await port.write(key, "lost", 2), undefined);
    assert.ok(((await port.write(key, "again", 0)) ?? 0) >= 1);
    assert.equal((await other.read(key))?.value, "again");
  });

  portCase(options, "of writers that race one wins each revision", async (trial) => {
    const { port, other, prefix: key } = trial;
    let lost = 0;
    const count = async (state: StateStore): Promise<void> => {
      for (;;) {
        const { value, revision } = (await state.read(key)) ?? { value: "0", revision: 0 };
        const next = String(Number(value) + 1);
        if ((await state.write(key, next, revision)) !== undefined) return;
        lost++;
        assert.ok(lost < 10_000, "somebody gets on");
      }
    };
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => count(index % 2 === 0 ? port : other)),
    );
    assert.deepEqual({ ...(await other.read(key)) }, { value: "40", revision: 40 });
  });

  portCase(options, "keys and values of any kind come back as they were", async (trial) => {
    const { port, other, prefix } = trial;
    for (const name of HOSTILE_NAMES) assert.equal(await port.write(prefix + name, name, 0), 1);
    for (const name of HOSTILE_NAMES) {
      assert.deepEqual({ ...(await other.read(prefix + name)) }, { value: name, revision: 1 });
    }
    const large = "夜".repeat(100_000);
    await port.write(`${prefix}large`, large, 0);
    assert.ok((await other.read(`${prefix}large`))?.value === large, "100,000 characters");
    assert.deepEqual(
      [...(await other.keys(prefix))],
      [...HOSTILE_NAMES, "large"].map((name) => prefix + name).toSorted(),
    );
  });

  restartedPortCase(options, "values and revisions survive a restart", async (trial, restart) => {
    const { port, prefix: key } = trial;
    await port.write(key, "one", 0);
    await port.write(key, "two", 1);
    await port.write(`${key}-gone`, "gone", 0);
    await port.remove(`${key}-gone`, 1);
    const again = await restart();
    assert.deepEqual({ ...(await again.read(key)) }, { value: "two", revision: 2 });
    assert.deepEqual([...(await again.keys(key))], [key]);
    assert.equal(await again.write(key, "lost", 1), undefined);
    assert.equal(await again.write(key, "three", 2), 3);
  });

  portCase(options, "keys are found by what they begin with, in order", async (trial) => {
    const { port, other, prefix } = trial;
    const names = ["a", "B", "_", "A", "b", "a1", "a_b", "a%b", "aXb", "a*b", "a\\b", "a[b", "a10"];
    for (const name of names) await port.write(prefix + name, name, 0);
    const found = async (start: string, limit?: number): Promise<string[]> =>
      (await other.keys(prefix + start, limit)).map((key) => key.slice(prefix.length));
    assert.deepEqual(await found(""), names.toSorted());
    assert.deepEqual(await found("a"), names.filter((name) => name.startsWith("a")).toSorted());
    for (const start of ["a_", "a%", "a*", "a\\", "a[", "A", "_"]) {
      assert.equal((await found(start)).length, 1, `${start} means itself`);
    }
    assert.deepEqual(await found("a1"), ["a1", "a10"]);
    assert.deepEqual(await found("", 3), names.toSorted().slice(0, 3));
    assert.deepEqual(await found("none"), []);
    await port.remove(`${prefix}a1`, 1);
    assert.deepEqual(await found("a1"), ["a10"]);
  });

  portCase(options, "keys stand in the order of their code units", async (trial) => {
    const { port, other, prefix } = trial;
    const names = ["a", "\u{1F600}", "\u{1F600}z", "\uFF5E", "\uE000", "é", "夜"];
    for (const name of names) await port.write(prefix + name, name, 0);
    const sorted = names.map((name) => prefix + name).sort();
    for (const limit of [1, 3, 4, 5, 7, 100]) {
      assert.deepEqual([...(await other.keys(prefix, limit))], sorted.slice(0, limit));
    }
  });
}
