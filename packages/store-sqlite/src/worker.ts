import { parentPort, workerData } from "node:worker_threads";
import { toFailure } from "./database/sqlite-error.ts";
import type { WorkerMessage, WorkerRequest, WorkerSetup } from "./messages.ts";
import { WorkerStore } from "./worker-store.ts";

const setup = workerData as WorkerSetup;
let store: WorkerStore | undefined;

function post(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

/** One that failed to open is tried again by the next question. */
async function answer(request: WorkerRequest): Promise<void> {
  const { number } = request;
  try {
    if (store === undefined && request.method === "close") {
      post({ kind: "answer", number, value: undefined });
      return;
    }
    store ??= await WorkerStore.open(setup, request.nowMs, (lines, epoch) =>
      post({ kind: "lines", lines, epoch }),
    );
    post({ kind: "answer", number, value: store.answer(request) });
  } catch (error) {
    post({ kind: "failure", number, failure: toFailure(error, setup.path) });
  } finally {
    if (request.method === "close") parentPort?.close(); // nothing is left, so the thread ends
  }
}

/** One after the other, also while the driver loads. */
let last: Promise<void> = Promise.resolve();
parentPort?.on("message", (request: WorkerRequest) => {
  last = last.then(() => answer(request));
});
