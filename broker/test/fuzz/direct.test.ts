import { test } from 'vitest';
import { expectUnharmed, fuzz, fuzzTimeoutMs } from './fuzz.ts';

test('/oauth/par, /oauth/revoke and /oauth/device/code answer whatever they are sent', {
  timeout: fuzzTimeoutMs,
}, async () => {
  expectUnharmed(await fuzz('direct'), 'direct');
});
