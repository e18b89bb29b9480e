import { expect, test } from 'vitest';
import { createUserCode, readUserCode } from './device-code.ts';
import { systemRandom } from './random.ts';

test('a user code has eight of 32 signs that cannot be mistaken for each other, all equally likely', () => {
  const codes = Array.from({ length: 2_000 }, () => createUserCode(systemRandom));
  for (const code of codes) expect(code).toMatch(/^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$/);
  expect(new Set(codes).size).toBe(codes.length);
  expect(new Set(codes.join('').replaceAll('-', '')).size).toBe(32);
});

test('a user code is read however it is typed; what nobody was given is not looked up', () => {
  for (const typed of ['QTZL-MCBW', 'qtzlmcbw', ' qtzl mcbw ', 'QTZL–MCBW', 'q-t-z-l-m-c-b-w']) {
    expect(readUserCode(typed)).toBe('QTZL-MCBW');
  }
  for (const typed of [undefined, '', 'QTZL-MCB', 'QTZL-MCBWX', 'QTZL-MCB0', 'QTZL_MCBW', "QTZL-MC'W"]) {
    expect(readUserCode(typed)).toBeUndefined();
  }
});
