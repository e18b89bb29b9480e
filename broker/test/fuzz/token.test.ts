import { test } from 'vitest';
import { expectUnharmed, fuzz, fuzzTimeoutMs } from './fuzz.ts';

test('/oauth/token answers whatever it is sent', { timeout: fuzzTimeoutMs }, async () => {
  expectUnharmed(await fuzz('token'), 'token');
});
