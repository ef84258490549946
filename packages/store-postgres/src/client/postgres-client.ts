/**
 * One row; every column is selected as text, because drivers differ in what they make of numbers.
 */
export type Row = Readonly<Record<string, string | null>>;

/** Told while a channel is listened to. */
export interface ListenHandlers {
  /** Something was said on the channel. */
  readonly onNotice: () => void;
  /** Listening begins, also after a break: what was said meanwhile is to be looked up. */
  readonly onListening: () => void;
}

/** A channel that is listened to, for as long as it takes. */
export interface Listening {
  /** Asks on the listening connection where it can, so that idle pools may close theirs. */
  query(text: string, values: readonly string[]): Promise<readonly Row[]>;
  stop(): Promise<void>;
}

/** What the store needs of a driver. Each query is a transaction by itself, on any connection. */
export interface PostgresClient {
  query(text: string, values: readonly (string | null)[]): Promise<readonly Row[]>;
  listen(channel: string, handlers: ListenHandlers): Listening;
  /** Forgets what was hung on the pool that was handed in. */
  release(): void;
}
