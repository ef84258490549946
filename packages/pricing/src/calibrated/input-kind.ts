/** Text alone, with tools, with images or files: their constants are further from the truth. */
const CONTENTS = 3;

/** Bounds where the next size begins: small inputs are mostly constants. */
const SIZES: readonly number[] = [256, 1_024, 4_096, 16_384, 65_536];

/** How many kinds of input there are. */
export const KINDS: number = CONTENTS * (SIZES.length + 1);

/** The kind of an input: what is like it has like ratios of tokens to bytes. */
export function kindOf(input: unknown, bound: number, files: boolean): number {
  let size = 0;
  while (size < SIZES.length && bound >= (SIZES[size] ?? 0)) size++;
  return size * CONTENTS + (files ? 2 : hasTools(input) ? 1 : 0);
}

function hasTools(input: unknown): boolean {
  try {
    return typeof input === "object" && input !== null && "tools" in input;
  } catch {
    return false;
  }
}
