import { strict as assert } from "node:assert";
import type { Fleet } from "../../ports/fleet.ts";
import { HOSTILE_NAMES } from "./hostile-names.ts";
import type { PortContractOptions } from "./options.ts";
import { portCase, restartedPortCase } from "./port-case.ts";

const LONG_MS = 3_600_000;
const SHORT_MS = 1_000;

/**
 * What every fleet must do: know who lives, forget who left or fell silent, and keep who
 * acknowledged which kill.
 *
 * @example
 * fleetContract({ test, create: () => createMemoryStore().fleet });
 */
export function fleetContract(options: PortContractOptions<Fleet>): void {
  /** Those of this case: others may share the store. */
  const livingOf = async (fleet: Fleet, prefix: string): Promise<string[]> =>
    (await fleet.living()).filter((process) => process.startsWith(prefix)).toSorted();

  portCase(options, "a process lives from its first beat until it leaves", async (trial) => {
    const { port, other, prefix } = trial;
    const [a, b] = [`${prefix}-a`, `${prefix}-b`];
    assert.deepEqual(await livingOf(port, prefix), []);
    await port.beat(a, LONG_MS);
    await other.beat(b, LONG_MS);
    await port.beat(a, LONG_MS);
    for (const fleet of [port, other]) assert.deepEqual(await livingOf(fleet, prefix), [a, b]);
    await other.leave(a);
    await other.leave(a);
    await port.leave(`${prefix}-never-was`);
    for (const fleet of [port, other]) assert.deepEqual(await livingOf(fleet, prefix), [b]);
    await port.beat(a, LONG_MS);
    assert.deepEqual(await livingOf(other, prefix), [a, b]);
    for (const process of [a, b]) await port.leave(process);
  });

  portCase(options, "the first acknowledgement of each kill and process counts", async (trial) => {
    const { port, other, prefix } = trial;
    const [kill, another] = [`${prefix}-kill`, `${prefix}-another`];
    assert.deepEqual([...(await port.acknowledgements(kill))], []);
    const first = { killId: kill, process: `${prefix}-a`, aborted: 3 };
    await port.acknowledge(first);
    await other.acknowledge({ ...first, aborted: 99 });
    await other.acknowledge({ ...first, process: `${prefix}-b`, aborted: 0 });
    await port.acknowledge({ ...first, killId: another, aborted: 7 });
    for (const fleet of [port, other]) {
      const told = [...(await fleet.acknowledgements(kill))];
      assert.deepEqual(
        told.toSorted((one, two) => one.process.localeCompare(two.process)),
        [first, { ...first, process: `${prefix}-b`, aborted: 0 }],
      );
      assert.equal((await fleet.acknowledgements(another))[0]?.aborted, 7);
    }
  });

  portCase(options, "processes that acknowledge at once are all counted", async (trial) => {
    const { port, other, prefix } = trial;
    const acknowledgements = Array.from({ length: 60 }, (_, index) => ({
      killId: prefix,
      process: `${prefix}-${index % 30}`,
      aborted: index,
    }));
    await Promise.all(
      acknowledgements.map((one, index) => (index % 2 === 0 ? port : other).acknowledge(one)),
    );
    const processes = (await other.acknowledgements(prefix)).map(({ process }) => process);
    assert.equal(processes.length, 30);
    assert.equal(new Set(processes).size, 30);
  });

  portCase(options, "names of processes and kills may be of any kind", async (trial) => {
    const { port, prefix } = trial;
    for (const [index, name] of HOSTILE_NAMES.entries()) {
      const process = `${prefix}${name}`;
      await port.beat(process, LONG_MS);
      await port.acknowledge({ killId: process, process, aborted: index });
    }
    const names = HOSTILE_NAMES.map((name) => `${prefix}${name}`);
    assert.deepEqual(await livingOf(port, prefix), names.toSorted());
    for (const [aborted, process] of names.entries()) {
      const told = [...(await port.acknowledgements(process))];
      assert.deepEqual(told, [{ killId: process, process, aborted }]);
      await port.leave(process);
    }
    assert.deepEqual(await livingOf(port, prefix), []);
  });

  restartedPortCase(options, "acknowledgements survive a restart", async (trial, restart) => {
    const { port, prefix } = trial;
    await port.beat(prefix, LONG_MS);
    await port.acknowledge({ killId: prefix, process: prefix, aborted: 3 });
    const again = await restart();
    assert.equal((await again.acknowledgements(prefix))[0]?.aborted, 3);
    assert.deepEqual(await livingOf(again, prefix), [prefix]);
    await again.leave(prefix);
  });

  const { passTime } = options;
  if (passTime === undefined) return;

  portCase(options, "a process that falls silent is taken for dead", async (trial) => {
    const { port, other, prefix } = trial;
    const [silent, beats] = [`${prefix}-silent`, `${prefix}-beats`];
    for (const process of [silent, beats]) await port.beat(process, SHORT_MS);
    assert.deepEqual(await livingOf(other, prefix), [beats, silent]);
    await port.beat(beats, LONG_MS);
    await port.acknowledge({ killId: prefix, process: silent, aborted: 1 });
    await passTime(1.2 * SHORT_MS);
    for (const fleet of [port, other]) assert.deepEqual(await livingOf(fleet, prefix), [beats]);
    assert.equal((await other.acknowledgements(prefix)).length, 1);
    await port.beat(silent, LONG_MS);
    assert.deepEqual(await livingOf(other, prefix), [beats, silent]);
    await port.beat(silent, 1);
    await passTime(100);
    assert.deepEqual(await livingOf(other, prefix), [beats]);
    await port.leave(beats);
  });
}
