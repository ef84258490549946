import type { AccountRef } from "@burnrate/core";
import { keyOf } from "../text.ts";

const MOST = Number.MAX_SAFE_INTEGER;

/**
 * What items of a group have on one account; -1 where one of them has no amount, or it is too much.
 */
export function sumOf(
  group: readonly { readonly amounts: readonly number[] }[],
  at: number,
): number {
  let sum = 0;
  for (const { amounts } of group) {
    const one = amount(amounts[at]);
    if (one < 0) return -1;
    sum += one;
  }
  return amount(sum);
}

/**
 * The length keeps names apart that contain what joins them. A rolling window whose length was
 * changed is another account: its slices mean something else.
 */
export function accountKey({ key, windowKey, window }: AccountRef): string {
  const length = window.kind === "rolling" ? ` ${window.lengthMs}/${window.sliceMs}` : "";
  return keyOf(`${key.length} ${key} ${windowKey}${length}`);
}

/** -1 where the ledger may not count with it. */
export function amount(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : -1;
}

export function duration(value: number): number {
  return Math.max(0, whole(value));
}

/** No limit of sense lets nothing through. */
export function limitOf({ limit }: AccountRef): number {
  return Number.isNaN(limit) ? -1 : whole(limit);
}

export function whole(value: number): number {
  return Number.isNaN(value) ? -1 : Math.min(MOST, Math.max(-MOST, Math.floor(value)));
}
