import { expect, test } from 'vitest';
import { createOwnerOf, networkOf } from './network-of.ts';

test.each([
  ['8.8.8.8', '8.8.8.8'],
  ['::ffff:8.8.8.8', '8.8.8.8'],
  ['2600:1f18:aa:bb::7', '2600:1f18:aa:bb'],
  ['127.0.0.1', undefined],
  ['::1', undefined],
  ['10.1.2.3', undefined],
  ['::ffff:10.1.2.3', undefined],
  ['fd00::1', undefined],
  ['169.254.1.1', undefined],
  ['', undefined],
  ['a', undefined],
])('%s counts for %s', (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});

test('a connection is the address’s that opened it, unless that is a proxy that is trusted', () => {
  expect(['8.8.8.8', '10.0.0.1'].map(createOwnerOf(false))).toEqual(['8.8.8.8', undefined]);
  expect(['8.8.8.8', '10.0.0.1'].map(createOwnerOf(true))).toEqual([undefined, undefined]);
  const ownerOf = createOwnerOf('8.8.8.0/24,9.9.9.9,2600:1f18::/32');
  const asked = ['8.8.8.8', '::ffff:8.8.8.9', '8.8.9.8', '9.9.9.9', '2600:1f18::1', '2600:1f19::1'];
  expect(asked.map(ownerOf)).toEqual([undefined, undefined, '8.8.9.8', undefined, undefined, '2600:1f19:0:0']);
});
