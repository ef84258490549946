/**
 * How a call ended, as service-level indicators count it.
 * - `success`: an answer; `cached`: an answer that the framework had already, at no cost.
 * - `tool-error`: the tool answered that it failed; `client-error`: any other 4xx;
 *   `rate-limited` 429; `server-error` 5xx; `connection-error`, `timeout`: no answer.
 * - `aborted`: the caller's own signal; `abandoned`: the consumer walked away; `killed`: our abort.
 * - `failed`: an error that says nothing about itself.
 * - `refused`: by the guard, before anything was sent, of which only exporters get a record; or it
 *   ended because a call inside of it was refused.
 * - `released`: never sent; `unknown`: sent, and nobody said how it ended. A late end replaces it.
 */
export type OutcomeClass =
  | "success"
  | "cached"
  | "tool-error"
  | "rate-limited"
  | "server-error"
  | "client-error"
  | "connection-error"
  | "timeout"
  | "aborted"
  | "abandoned"
  | "killed"
  | "failed"
  | "refused"
  | "released"
  | "unknown";
