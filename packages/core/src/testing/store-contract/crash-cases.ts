import { strict as assert } from "node:assert";
import { until } from "../adapter-contract/world.ts";
import { CrashHistory } from "./crash-history.ts";
import { randomFrom } from "./hostile-names.ts";
import { LedgerCase, LONG_MS, ledgerCase, only } from "./ledger-case.ts";
import type { BreakingLedger, CrashTrial, LedgerContractOptions } from "./options.ts";

const DEFAULT_HISTORIES = 5;
const CHOICES = 150;
const TTL_MS = 300;
const CALLS = 4;

/** What holds when a store breaks in the middle of a question, at each step on its way. */
export function crashCases(options: LedgerContractOptions): void {
  const { crash, passTime } = options;
  if (crash === undefined) return;
  const { histories = DEFAULT_HISTORIES } = crash;

  for (const step of crash.steps) {
    ledgerCase(
      options,
      `a store that breaks ${step} has done each item wholly or not at all, and makes up for it once`,
      async ({ ledger, startMs }) => {
        let breaks = 0;
        const check = async (choices: readonly number[]): Promise<void> => {
          const trial = new LedgerCase(ledger, startMs);
          const history = new CrashHistory(trial, () => openBreaking(crash, step), choices);
          await history.run();
          breaks += history.breaks;
        };
        await (crash.explore?.(check) ?? checkAll(check, histories));
        assert.ok(breaks > 0, "it did break");
      },
    );

    if (passTime === undefined) continue;
    ledgerCase(
      options,
      `what was under way when a store broke ${step} is ended on all of its accounts, or on none`,
      async (trial) => {
        const accounts = [trial.account(10_000), trial.account(10_000)] as const;
        const known: number[] = [];
        for (let call = 0; call < CALLS; call++) {
          const breaking = await openBreaking(crash, step);
          await breaking.breakNext();
          const refs = accounts.map((account) => trial.again(account));
          const given = { expiresInMs: TTL_MS, dispatched: true };
          const request = trial.reservation(refs, [2 ** call, 2 ** call], given);
          const answer = await Promise.resolve(breaking.ledger.reserve([request])).catch(() => {});
          if (answer !== undefined && only(answer).kind === "reserved") known.push(2 ** call);
          await Promise.resolve(breaking.ledger.close()).catch(() => {});
        }
        await passTime(TTL_MS + 100);
        await until("the expiry", async () => {
          return (await Promise.all(accounts.map((account) => trial.balance(account)))).every(
            ({ held, leased }) => held === 0 && leased === 0,
          );
        });
        const [one, other] = await Promise.all(accounts.map((account) => trial.balance(account)));
        assert.deepEqual(one, other, "neither account changes alone");
        for (const bit of known)
          assert.ok((one?.unknown ?? 0) & bit, "what was answered is charged");
        await trial.hold(trial.again(accounts[0]), 1);
      },
    );
  }
}

async function openBreaking(crash: CrashTrial, step: string): Promise<BreakingLedger> {
  const breaking = await crash.open(step);
  await breaking.ledger.ready();
  return breaking;
}

async function checkAll(
  check: (choices: readonly number[]) => Promise<void>,
  histories: number,
): Promise<void> {
  for (let seed = 1; seed <= histories; seed++) {
    const random = randomFrom(seed);
    await check(Array.from({ length: CHOICES }, () => random(LONG_MS)));
  }
}
