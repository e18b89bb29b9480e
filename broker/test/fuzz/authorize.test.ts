import { test } from 'vitest';
import { expectUnharmed, fuzz, fuzzTimeoutMs } from './fuzz.ts';

test('/authorize answers whatever it is asked, and sends nobody where nothing is proven', {
  timeout: fuzzTimeoutMs,
}, async () => {
  expectUnharmed(await fuzz('authorize'), 'authorize');
});
