import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseKeyring } from './keyring.ts';

const key = () => randomBytes(32).toString('base64');

describe('a keyring', () => {
  test('takes ids with 32 bytes each; the first is active', () => {
    const parsed = parseKeyring(` new:${key()} , old_1-A:${key()} `);
    if (!('keyring' in parsed)) throw new Error(parsed.problems.join());
    expect(parsed.keyring.active.id).toBe('new');
    expect([...parsed.keyring.byId.keys()]).toEqual(['new', 'old_1-A']);
    expect(parsed.keyring.byId.get('new')).toBe(parsed.keyring.active);
  });

  test.each([
    ['no id', `:${key()}`, 'entry 1: the id'],
    ['a long id', `ninechars:${key()}`, 'entry 1: the id'],
    ['an id with signs', `a.b:${key()}`, 'entry 1: the id'],
    ['no key', 'k1', 'entry 1 (k1): the key must be 32 bytes in base64'],
    ['a short key', `k1:${randomBytes(31).toString('base64')}`, 'entry 1 (k1): the key must be 32 bytes in base64'],
    ['a long key', `k1:${randomBytes(33).toString('base64')}`, 'entry 1 (k1): the key must be 32 bytes in base64'],
    ['signs that are not base64', `k1:${key().slice(0, 20)} !${key().slice(20)}`, 'entry 1 (k1): the key must be'],
    ['something after the key', `k1:${key()}:more`, 'entry 1 (k1): the key must be'],
    ['a key of zeros', `k1:${Buffer.alloc(32).toString('base64')}`, 'entry 1 (k1): the key is not random'],
    ['a key of one letter', `k1:${'A'.repeat(43)}=`, 'entry 1 (k1): the key is not random'],
    ['a word for a key', `k1:${'changeme'.repeat(5)}abc=`, 'entry 1 (k1): the key is not random'],
    ['an id twice', `k1:${key()},k1:${key()}`, 'entry 2: the id k1 is used twice'],
    ['an empty entry', `k1:${key()},`, 'entry 2: the id'],
    ['nothing', '', 'entry 1: the id'],
  ])('with %s is refused by the entry, and the key is not printed', (_, text, problem) => {
    const parsed = parseKeyring(text);
    if (!('problems' in parsed)) throw new Error('it was taken');
    expect(parsed.problems.join('\n')).toContain(problem);
    for (const part of text.split(/[:,]/).filter(({ length }) => length > 20)) {
      expect(parsed.problems.join('\n')).not.toContain(part);
    }
  });

  test('all problems are told at once', () => {
    expect(parseKeyring('a.b:x,k1:short,k2:short')).toEqual({
      problems: [expect.any(String), expect.any(String), expect.any(String)],
    });
  });
});
