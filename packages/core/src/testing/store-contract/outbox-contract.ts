import { strict as assert } from "node:assert";
import type { ClaimedMessage, Outbox, OutboxMessage } from "../../ports/outbox.ts";
import { HOSTILE_NAMES } from "./hostile-names.ts";
import type { PortContractOptions } from "./options.ts";
import { type PortCase, portCase, restartedPortCase } from "./port-case.ts";

const LONG_MS = 3_600_000;
const SHORT_MS = 1_000;

/**
 * What every outbox must do: keep messages until they are delivered, hand each to one at a time,
 * and never take one twice.
 *
 * @example
 * outboxContract({ test, create: () => createMemoryStore().outbox });
 */
export function outboxContract(options: PortContractOptions<Outbox>): void {
  portCase(options, "a message is claimed by one, with all that it holds", async (trial) => {
    const { port, other, prefix: topic } = trial;
    const message = messageOf(trial, "m", { body: '{"text":"ночь 🌙\n"}' });
    await port.add([message]);
    assert.deepEqual(await claimOf(other, topic), [{ ...message, attempts: 1 }]);
    for (const outbox of [port, other]) assert.deepEqual(await claimOf(outbox, topic), []);
    assert.equal(await port.waiting(topic), 1, "until it is delivered it waits");
    await port.done([message.id]);
    for (const outbox of [port, other]) assert.equal(await outbox.waiting(topic), 0);
    await port.done([message.id, `${topic} never was`]);
    await port.done([]);
  });

  portCase(options, "the oldest due come first, as many as were asked for", async (trial) => {
    const { port, other, prefix: topic, nowMs } = trial;
    const ages = [3, 1, 5, 2, 4];
    await port.add(
      ages.map((age) => messageOf(trial, `m${age}`, { dueAtMs: nowMs - age * 60_000 })),
    );
    const ids = async (limit: number): Promise<string[]> =>
      (await other.claim(topic, limit, LONG_MS)).map(({ id }) => id.slice(topic.length));
    assert.deepEqual(await ids(2), ["m5", "m4"]);
    assert.deepEqual(await ids(0), []);
    assert.deepEqual(await ids(99), ["m3", "m2", "m1"]);
  });

  portCase(options, "a message that is not due waits", async (trial) => {
    const { port, prefix: topic, nowMs } = trial;
    await port.add([messageOf(trial, "later", { dueAtMs: nowMs + LONG_MS })]);
    assert.deepEqual(await claimOf(port, topic), []);
    assert.equal(await port.waiting(topic), 1);
  });

  portCase(options, "topics are apart", async (trial) => {
    const { port, prefix } = trial;
    const [one, two] = [`${prefix}:a`, `${prefix}:a:b`];
    await port.add([
      messageOf(trial, "1", { topic: one }),
      messageOf(trial, "2", { topic: two }),
      messageOf(trial, "3", { topic: two }),
    ]);
    assert.equal((await claimOf(port, one)).length, 1);
    assert.deepEqual([await port.waiting(one), await port.waiting(two)], [1, 2]);
    assert.equal((await claimOf(port, two)).length, 2);
    assert.equal(await port.waiting(prefix), 0);
  });

  portCase(options, "a message is added once, waiting, claimed or delivered", async (trial) => {
    const { port, other, prefix: topic } = trial;
    const message = messageOf(trial, "m");
    const changed = { ...message, body: "another" };
    await port.add([message, changed]);
    await other.add([changed, messageOf(trial, "beside")]);
    assert.equal(await port.waiting(topic), 2);
    const claimed = await claimOf(port, topic);
    assert.equal(claimed.find(({ id }) => id === message.id)?.body, message.body);
    await other.add([changed]);
    assert.deepEqual(await claimOf(other, topic), []);
    await port.done([message.id]);
    await other.add([changed, messageOf(trial, "new")]);
    assert.deepEqual(
      (await claimOf(other, topic)).map(({ id }) => id),
      [`${topic}new`],
    );
  });

  portCase(options, "a message that was not delivered is due again when said", async (trial) => {
    const { port, other, prefix: topic, nowMs } = trial;
    const [now, later] = [messageOf(trial, "now"), messageOf(trial, "later")];
    await port.add([now, later]);
    assert.equal((await claimOf(port, topic)).length, 2);
    await port.retry(now.id, nowMs - 60_000);
    await port.retry(later.id, nowMs + LONG_MS);
    const again = await claimOf(other, topic);
    assert.deepEqual(
      again.map(({ id, attempts }) => [id, attempts]),
      [[now.id, 2]],
    );
    await port.done([now.id]);
    await port.retry(now.id, nowMs - 60_000);
    await port.retry(`${topic} never was`, nowMs - 60_000);
    assert.deepEqual(await claimOf(port, topic), []);
    assert.equal(await port.waiting(topic), 1);
  });

  portCase(options, "a time that makes no sense harms no other message", async (trial) => {
    const { port, other, prefix: topic } = trial;
    const [sound, odd] = [messageOf(trial, "a"), messageOf(trial, "b", { dueAtMs: Number.NaN })];
    await port.add([sound, odd]);
    assert.equal(await other.waiting(topic), 2);
    assert.ok((await claimOf(other, topic)).some(({ id }) => id === sound.id));
    await port.retry(odd.id, Number.NaN);
    const next = messageOf(trial, "c");
    await port.add([next]);
    const claimed = await claimOf(other, topic);
    assert.deepEqual(
      claimed.filter(({ id }) => id === next.id),
      [{ ...next, attempts: 1 }],
    );
    assert.equal(await port.waiting(topic), 3);
  });

  portCase(options, "a message that is due at no time is never handed out", async (trial) => {
    const { port, other, prefix: topic } = trial;
    const parked = messageOf(trial, "a", { dueAtMs: Number.POSITIVE_INFINITY });
    await port.add([parked, messageOf(trial, "b")]);
    assert.deepEqual(
      (await port.claim(topic, 9, Number.POSITIVE_INFINITY)).map(({ id }) => id),
      [`${topic}b`],
    );
    assert.deepEqual(await claimOf(other, topic), [], "who claims it for ever keeps it");
    await port.retry(`${topic}b`, Number.POSITIVE_INFINITY);
    assert.deepEqual(await claimOf(other, topic), []);
    await other.retry(parked.id, 0);
    assert.equal((await claimOf(other, topic)).length, 1);
  });

  portCase(options, "those who claim at once never get the same", async (trial) => {
    const { port, other, prefix: topic } = trial;
    const messages = Array.from({ length: 60 }, (_, index) => messageOf(trial, `m${index}`));
    await Promise.all([port.add(messages.slice(0, 40)), other.add(messages.slice(20))]);
    const claimed: string[] = [];
    const work = async (outbox: Outbox): Promise<void> => {
      for (let round = 0; round < 20; round++) {
        const taken = await outbox.claim(topic, 7, LONG_MS);
        claimed.push(...taken.map(({ id }) => id));
      }
    };
    await Promise.all([port, other, port, other].map(work));
    assert.deepEqual(claimed.toSorted(), messages.map(({ id }) => id).toSorted());
    await Promise.all([port.done(claimed.slice(0, 40)), other.done(claimed.slice(30))]);
    assert.equal(await port.waiting(topic), 0);
  });

  restartedPortCase(
    options,
    "messages and their ends survive a restart",
    async (trial, restart) => {
      const { port, prefix: topic, nowMs } = trial;
      const [sent, tried, claimed, waits] = ["sent", "tried", "claimed", "waits"].map((name) =>
        messageOf(trial, name),
      ) as [OutboxMessage, OutboxMessage, OutboxMessage, OutboxMessage];
      await port.add([sent, tried, claimed]);
      await claimOf(port, topic);
      await port.done([sent.id]);
      await port.retry(tried.id, nowMs - 60_000);
      await port.add([waits]);
      const again = await restart();
      assert.equal(await again.waiting(topic), 3);
      await again.add([sent]);
      const attempts = (await claimOf(again, topic)).map((message) => [
        message.id,
        message.attempts,
      ]);
      assert.deepEqual(attempts.toSorted(), [
        [tried.id, 2],
        [waits.id, 1],
      ]);
    },
  );

  portCase(options, "ids, topics and bodies may be of any kind", async (trial) => {
    const { port, other, prefix } = trial;
    const messages = HOSTILE_NAMES.map((name) =>
      messageOf(trial, name, { topic: prefix + name, body: name }),
    );
    await port.add(messages);
    for (const message of messages) {
      assert.deepEqual(await claimOf(other, message.topic), [{ ...message, attempts: 1 }]);
    }
    await other.done(messages.map(({ id }) => id));
    await port.add(messages);
    for (const { topic } of messages) assert.equal(await port.waiting(topic), 0);
  });

  timeCases(options);
}

/** What holds as the store's clock passes. */
function timeCases(options: PortContractOptions<Outbox>): void {
  const { passTime } = options;
  if (passTime === undefined) return;

  portCase(options, "who dies with a message loses it to the next", async (trial) => {
    const { port, other, prefix: topic } = trial;
    const message = messageOf(trial, "m");
    await port.add([message]);
    assert.equal((await port.claim(topic, 1, SHORT_MS)).length, 1);
    await passTime(1.2 * SHORT_MS);
    assert.deepEqual(await claimOf(other, topic), [{ ...message, attempts: 2 }]);
    assert.deepEqual(await claimOf(port, topic), []);
    await port.done([message.id]);
    assert.equal(await other.waiting(topic), 0);
  });

  portCase(options, "a message is handed out once its time has come", async (trial) => {
    const { port, prefix: topic, nowMs } = trial;
    await port.add([messageOf(trial, "soon", { dueAtMs: nowMs + SHORT_MS })]);
    assert.deepEqual(await claimOf(port, topic), []);
    await passTime(1.5 * SHORT_MS);
    assert.equal((await claimOf(port, topic)).length, 1);
  });
}

function messageOf(
  { prefix, nowMs }: PortCase<Outbox>,
  name: string,
  given: Partial<OutboxMessage> = {},
): OutboxMessage {
  const id = `${prefix}${name}`;
  return { id, topic: prefix, body: `body of ${id}`, dueAtMs: nowMs - 60_000, ...given };
}

async function claimOf(outbox: Outbox, topic: string): Promise<ClaimedMessage[]> {
  return (await outbox.claim(topic, 1_000, LONG_MS)).map((message) => ({ ...message }));
}
