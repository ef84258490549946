import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Tests of whole contracts: small files that take a minute or more. */
const SLOW = /(?:contract|processes|promtool)[\w-]*\.test\.ts$/;

/** Begins with what takes longest, so that no worker is left with it alone in the end. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification): boolean => SLOW.test(moduleId);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}
