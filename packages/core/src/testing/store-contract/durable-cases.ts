import { strict as assert } from "node:assert";
import { systemClock } from "../../ports/clock.ts";
import { LedgerCase, ledgerCase, MINUTE, only } from "./ledger-case.ts";
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
