/** What came of one thing that was tried with one consumer. */
export interface Finding {
  readonly consumer: string;
  /** The column of the table. */
  readonly tried: string;
  readonly problem?: string;
  /** Worth a word, though nothing of ours is wrong. */
  readonly note?: string;
}
