import { createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Keyring, parseKeyring } from './keyring.ts';
import { createSealer, type Place } from './seal.ts';

const keyOf = (byte: number) => Buffer.from(Array.from({ length: 32 }, (_, index) => byte + index)).toString('base64');
const place: Place = { table: 'identities', column: 'sealed_tokenset', row: 'con_1|user-1' };

function keyringOf(text: string): Keyring {
  const parsed = parseKeyring(text);
  if (!('keyring' in parsed)) throw new Error(parsed.problems.join());
  return parsed.keyring;
}

const sealer = createSealer(keyringOf(`k1:${keyOf(1)}`));
const open = (sealed: Uint8Array, at = place, by = sealer) => by.open(sealed, at).toString();

describe('a value that version 1 sealed', () => {
  const file = new URL('fixtures/sealed-v1.json', import.meta.url);
  const known = JSON.parse(readFileSync(file, 'utf8')) as Record<'keyring' | 'plain' | 'sealed', string> & {
    place: Place;
  };
  const sealed = Buffer.from(known.sealed, 'base64');

  test('is opened by this version, and by every later one', () => {
    expect(open(sealed, known.place, createSealer(keyringOf(known.keyring)))).toBe(known.plain);
  });

  test('has the documented form, which can be opened without this program', () => {
    const key = Buffer.from(known.keyring.split(':')[1] ?? '', 'base64');
    const parts = ['portico/v1', known.place.table, known.place.column, known.place.row, 'k1'];
    const context = Buffer.from(parts.map((part) => `${part.length}:${part}`).join('|'));
    expect([...sealed.subarray(0, 4)]).toEqual([1, 2, ...Buffer.from('k1')]);
    const at = (start: number, length?: number) => sealed.subarray(4 + start, length && 4 + start + length);
    const decrypt = (by: Buffer, iv: Buffer, tag: Buffer, bytes: Buffer) => {
      const decipher = createDecipheriv('aes-256-gcm', by, iv).setAAD(context).setAuthTag(tag);
      return Buffer.concat([decipher.update(bytes), decipher.final()]);
    };
    const dataKey = decrypt(key, at(0, 12), at(44, 16), at(12, 32));
    expect(decrypt(dataKey, at(60, 12), at(72, 16), at(88)).toString()).toBe(known.plain);
  });
});

describe('a sealed value', () => {
  test.each([
    ['nothing', ''],
    ['text', 'ünï ✓'],
    ['a large text', 'x'.repeat(100_000)],
  ])('opens to what was sealed: %s', (_, plain) => {
    expect(open(sealer.seal(plain, place))).toBe(plain);
    expect(sealer.open(sealer.seal(Buffer.from(plain), place), place)).toEqual(Buffer.from(plain));
  });

  test('is different each time, and shows nothing of what is in it', () => {
    const [first, second] = [sealer.seal('the same secret', place), sealer.seal('the same secret', place)];
    expect(Buffer.from(first).equals(Buffer.from(second))).toBe(false);
    expect(Buffer.from(first).includes('secret')).toBe(false);
  });

  test.each([
    ['another row', { ...place, row: 'con_1|user-2' }],
    ['another column', { ...place, column: 'sealed_options' }],
    ['another table', { ...place, table: 'clients' }],
    [
      'a place that reads the same when its parts are joined',
      { ...place, column: 'sealed_tokensetcon_1', row: '|user-1' },
    ],
    ['a place whose parts hold the separator', { ...place, column: 'sealed_tokenset|12:con_1', row: 'user-1' }],
  ])('does not open in %s', (_, other) => {
    const sealed = sealer.seal('secret', place);
    expect(() => open(sealed, other)).toThrow();
  });

  test('does not open when any one of its bytes is changed', () => {
    const sealed = Buffer.from(sealer.seal('secret', place));
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => open(changed), `byte ${index}`).toThrow();
    }
  });

  test('does not open when it is cut anywhere, or longer than it was', () => {
    const sealed = Buffer.from(sealer.seal('secret', place));
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => open(sealed.subarray(0, length)), `${length} bytes`).toThrow();
    }
    expect(() => open(Buffer.concat([sealed, Buffer.from([0])]))).toThrow();
  });

  test('does not open when its data key or its content comes from another value', () => {
    const [first, second] = [sealer.seal('one', place), sealer.seal('two', place)].map((each) => Buffer.from(each));
    const head = 2 + 2 + 12 + 32 + 16;
    const mixed = Buffer.concat(
      [first?.subarray(0, head) ?? first, second?.subarray(head) ?? second].filter((part) => part !== undefined),
    );
    expect(() => open(mixed)).toThrow();
  });

  test('names the key that is missing, and nothing else', () => {
    const sealed = sealer.seal('very-secret', place);
    const other = createSealer(keyringOf(`k2:${keyOf(2)}`));
    expect(() => open(sealed, place, other)).toThrow('sealed value: the sealing key k1 is not in the keyring');
  });

  test('does not open with another key of the same id', () => {
    const sealed = sealer.seal('secret', place);
    expect(() => open(sealed, place, createSealer(keyringOf(`k1:${keyOf(2)}`)))).toThrow();
  });

  test('opens after a rotation: the first key seals, all open', () => {
    const old = sealer.seal('old', place);
    const rotated = createSealer(keyringOf(`k2:${keyOf(2)},k1:${keyOf(1)}`));
    expect(open(old, place, rotated)).toBe('old');
    const fresh = rotated.seal('new', place);
    expect(open(fresh, place, createSealer(keyringOf(`k2:${keyOf(2)}`)))).toBe('new');
    expect(() => open(fresh)).toThrow('k2');
  });

  test('of a version that is not known is refused by its version', () => {
    const sealed = Buffer.from(sealer.seal('secret', place));
    sealed[0] = 2;
    expect(() => open(sealed)).toThrow('sealed value: unknown version');
  });
});
