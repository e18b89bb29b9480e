/*
 * `npm test`: type check, format and lint, then every test. Arguments are file filters: `npm test -- broker/src/vault`.
 * The last line is `N passed, N failed`; each check counts as one test, and so does anything that failed outside a test.
 */
import { startVitest, type TestModule, type Vitest } from 'vitest/node';
import { runChecks } from './check.ts';

type Count = { passed: number; failed: number };

/** A test that did not run is not a passed test: skipped ones fail. */
function countModule(module: TestModule): Count {
  const tests = [...module.children.allTests()];
  const passed = tests.filter((test) => test.result().state === 'passed').length;
  const failedTests = tests.length - passed;
  // A file that does not load, or a hook that throws, fails without a failed test.
  const isFailedItself = module.state() !== 'passed' && failedTests === 0;
  return { passed, failed: failedTests + (isFailedItself ? 1 : 0) };
}

function countRun(vitest: Vitest): Count[] {
  const modules = vitest.state.getTestModules();
  const outside = vitest.state.getUnhandledErrors().length + (modules.length === 0 ? 1 : 0);
  return [...modules.map(countModule), { passed: 0, failed: outside }];
}

const checks = runChecks().map((check) => ({ passed: check.isPassed ? 1 : 0, failed: check.isPassed ? 0 : 1 }));
const vitest = await startVitest('test', process.argv.slice(2), { watch: false, run: true });
const counts = [...checks, ...countRun(vitest)];
await vitest.close();

const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
