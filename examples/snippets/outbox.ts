import { type OutboxMessage, sqliteStore } from "burnrate";

async function page(body: string): Promise<void> {
  console.log(body);
}

const message: OutboxMessage = {
  id: "incident-7",
  topic: "pages",
  body: "The budget of support is used up.",
  dueAtMs: Date.now(),
};

const { outbox, ledger } = sqliteStore({ path: "/var/lib/app/state.db" });
await outbox.add([message]); // once, however often it is added

for (const { id, body, attempts } of await outbox.claim("pages", 10, 30_000)) {
  try {
    await page(body);
    await outbox.done([id]);
  } catch {
    await outbox.retry(id, Date.now() + attempts * 10_000);
  }
}
await ledger.close(); // a guard on the store does this
