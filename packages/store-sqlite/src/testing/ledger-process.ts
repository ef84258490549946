import { fork } from "node:child_process";
import type { Ledger } from "@burnrate/core";
import type { LedgerQuestion, LedgerSetup } from "./ledger-worker.ts";

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Opens a ledger in another process; to close it is to kill that. */
export function openLedgerProcess(setup: LedgerSetup): Ledger {
  const child = fork(new URL("./ledger-worker.ts", import.meta.url), [JSON.stringify(setup)], {
    execArgv: ["--conditions=@burnrate/source"],
    serialization: "advanced", // windows may end at infinity
  });
  const waiting = new Map<number, Waiting>();
  let number = 0;
  let isDead = false;
  child.on("message", (answer: { readonly number: number; readonly value: never }) => {
    waiting.get(answer.number)?.resolve(answer.value);
    waiting.delete(answer.number);
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      isDead = true;
      for (const { reject } of waiting.values()) reject(new Error("it was killed"));
      waiting.clear();
      resolve();
    });
  });

  const ask = (method: keyof Ledger, given: readonly unknown[]): Promise<never> =>
    new Promise((resolve, reject) => {
      if (isDead) return reject(new Error("it was killed"));
      const question: LedgerQuestion = { number: ++number, method, given };
      waiting.set(question.number, { resolve, reject });
      child.send(question, () => {}); // one that cannot be sent ends with the process
    });
  const method =
    (name: keyof Ledger) =>
    (...given: readonly unknown[]): Promise<never> =>
      ask(name, given);
  return {
    durable: true,
    windows: "guard",
    ready: method("ready"),
    reserve: method("reserve"),
    dispatch: method("dispatch"),
    settle: method("settle"),
    balances: method("balances"),
    lease: method("lease"),
    returnLeases: method("returnLeases"),
    charge: method("charge"),
    correct: method("correct"),
    close: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
