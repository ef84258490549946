import { strict as assert } from "node:assert";
import { systemClock } from "../../ports/clock.ts";
import { LedgerCase, LONG_MS, ledgerCase, MINUTE, only } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

type Restart = () => Promise<LedgerCase>;

/** A case whose ledger is closed and opened again on the way, and closed at the end. */
function restartCase(
  options: LedgerContractOptions & Required<Pick<LedgerContractOptions, "reopen">>,
  name: string,
  run: (trial: LedgerCase, restart: Restart) => Promise<void>,
): void {
  options.test(name, async () => {
    const startMs = options.nowMs?.() ?? systemClock.wallMs();
    let trial = new LedgerCase(await options.createLedger(), startMs);
    const restart: Restart = async () => {
      await trial.ledger.close();
      trial = new LedgerCase(await options.reopen(), startMs);
      await trial.ledger.ready();
      return trial;
    };
    try {
      await trial.ledger.ready();
      await run(trial, restart);
    } finally {
      await trial.ledger.close();
    }
  });
}

/** What a restart must not undo of charges, corrections and expiries. */
function recoveryCases(
  options: LedgerContractOptions & Required<Pick<LedgerContractOptions, "reopen">>,
): void {
  restartCase(options, "a charge and a correction survive a restart", async (trial, restart) => {
    const account = trial.account(1_000);
    const ask = { id: trial.unique(), amount: 40, atMs: trial.startMs, rememberMs: LONG_MS };
    await trial.ledger.charge([{ ...ask, account }]);
    const unknown = await trial.hold(account, 100);
    await trial.settle(unknown, "unknown");
    const lease = await trial.takeLease(account, 100);
    await trial.giveBack(lease, { revision: 1, settled: 10, unknown: 20, kept: 30 });
    await trial.ledger.correct([{ account, settled: 55 }]);
    const again = await restart();
    const plain = again.again(account);
    assert.equal(only(await again.ledger.charge([{ ...ask, account: plain }])).applied, false);
    await again.settle(unknown, "settled", 70);
    await again.giveBack(lease, { revision: 2, settled: 10, unknown: 20, kept: 30 });
    await again.expect(plain, { settled: 55, leased: 30 });
    await again.giveBack(lease, { revision: 3, settled: 35, unknown: 5 });
    await again.expect(plain, { settled: 80 });
  });

  const { passTime } = options;
  if (passTime === undefined) return;

  restartCase(options, "what expired while nobody was there is ended", async (trial, restart) => {
    const account = trial.account(1_000);
    const ttlMs = 1_500;
    const given = { expiresInMs: ttlMs };
    const released = trial.reservation([account], [100], given);
    const unknown = trial.reservation([account], [100], { ...given, dispatched: true });
    const asked = trial.reservation([account], [100], given);
    await trial.ledger.reserve([released, unknown, asked]);
    await trial.ledger.dispatch([asked.id]);
    const lease = trial.unique();
    await trial.lease(account, { id: lease, amount: 80, ttlMs });
    await trial.giveBack(lease, { revision: 1, settled: 10, kept: 60 });
    await trial.ledger.close();
    await passTime(ttlMs + 300);
    const again = await restart();
    const plain = again.again(account);
    await again.expect(plain, { settled: 10, unknown: 260 });
    await again.settle(unknown.id, "settled", 30);
    await again.settle(asked.id, "settled", 40);
    await again.giveBack(lease, { revision: 2, settled: 50 });
    await again.expect(plain, { settled: 120 });
  });
}

/** What a ledger that outlives its process owes, and that it says whether it does. */
export function durableCases(options: LedgerContractOptions): void {
  const { reopen } = options;
  ledgerCase(options, "it says whether balances survive the process", async ({ ledger }) => {
    assert.equal(ledger.durable, reopen !== undefined);
  });
  if (reopen === undefined) return;
  const durable = { ...options, reopen };

  restartCase(durable, "balances survive a restart", async (trial, restart) => {
    const account = trial.account(1_000, { limit: 900, limitVersion: 2 });
    const rolling = trial.account(100, { window: MINUTE });
    await trial.settle(await trial.hold(account, 100), "settled", 70);
    await trial.settle(await trial.hold(account, 100), "unknown");
    await trial.takeLease(account, 40);
    await trial.settle(await trial.hold(rolling, 60), "settled", 60);
    const again = await restart();
    const plain = again.again(account);
    await again.expect(plain, { settled: 70, unknown: 100, leased: 40 });
    assert.equal(
      await again.fits(again.again(account, { limit: 5e3, limitVersion: 1 }), 691),
      false,
    );
    assert.equal(await again.fits(plain, 690), true);
    assert.equal(await again.fits(again.again(rolling), 41), false);
    const goneMs = again.startMs + MINUTE.lengthMs + MINUTE.sliceMs;
    assert.equal(await again.fits(again.again(rolling), 100, goneMs), true);
  });

  restartCase(durable, "a call may settle after a restart, once", async (trial, restart) => {
    const account = trial.account(1_000);
    const [sent, unknown] = [await trial.hold(account, 100), await trial.hold(account, 100)];
    await trial.ledger.dispatch([sent]);
    await trial.settle(unknown, "unknown");
    const again = await restart();
    const { held, unknown: open } = await again.balance(again.again(account));
    assert.equal(held + open, 200, "what was sent stays charged");
    for (const id of [sent, unknown]) {
      assert.equal((await again.settle(id, "settled", 30)).applied, true);
      assert.equal((await again.settle(id, "settled", 30)).applied, false);
    }
    await again.expect(again.again(account), { settled: 60 });
  });

  restartCase(durable, "a lease may be returned after a restart, once", async (trial, restart) => {
    const account = trial.account(1_000);
    const id = await trial.takeLease(account, 100);
    await trial.giveBack(id, { revision: 1, settled: 10, kept: 50 });
    const again = await restart();
    assert.equal((await again.giveBack(id, { revision: 1, settled: 10, kept: 50 })).applied, false);
    assert.equal((await again.giveBack(id, { revision: 2, settled: 30 })).applied, true);
    await again.expect(again.again(account), { settled: 30 });
  });

  restartCase(
    durable,
    "an id that ended is a duplicate, also after a restart",
    async (t, restart) => {
      const account = t.account(1_000);
      const request = t.reservation([account], [100]);
      await t.reserve(request);
      await t.settle(request.id, "settled", 30);
      assert.equal((await t.reserve(request)).kind, "duplicate");
      const again = await restart();
      const repeated = { ...request, accounts: [again.again(account)] };
      assert.equal((await again.reserve(repeated)).kind, "duplicate");
      await again.expect(again.again(account), { settled: 30 });
    },
  );

  recoveryCases(durable);

  ledgerCase(options, "two processes that race share one limit", async (trial) => {
    const other = new LedgerCase(await reopen(), trial.startMs);
    try {
      await other.ledger.ready();
      const account = trial.account(1_000);
      const reserved = await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
          const { ledger } = index % 2 === 0 ? trial : other;
          const request = trial.reservation([trial.again(account)], [19]);
          return only(await ledger.reserve([request])).kind === "reserved";
        }),
      );
      assert.equal(reserved.filter((fits) => fits).length, 52);
      await trial.expect(account, { held: 52 * 19 });
      await other.expect(other.again(account), { held: 52 * 19 });
    } finally {
      await other.ledger.close();
    }
  });
}
