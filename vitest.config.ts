import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** A real browser, a tool that works for minutes, or processes that are killed: one file at a time, after everything else. */
const alone = ['e2e', 'contract/browser', 'contract/deploy', 'crash'].map(
  (folder) => `broker/test/${folder}/**/*.test.ts`,
);

/** A hundred thousand requests each. */
const isLong = ({ moduleId }: TestSpecification): boolean => /\/(?:fuzz|differential)\//.test(moduleId);

/** Long files begin first, so that at the end no worker is left waiting for another one's. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    allowOnly: false,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['broker/**/*.test.ts', 'demo/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...alone],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: alone,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
