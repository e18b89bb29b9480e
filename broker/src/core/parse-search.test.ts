import { describe, expect, test } from 'vitest';
import { ApiError } from './errors.ts';
import { parseSearch } from './parse-search.ts';

const exact = (field: string | undefined, value: string) => ({ kind: 'match', field, match: { kind: 'exact', value } });

describe('a search is read as Lucene reads it', () => {
  test.each([
    ['email:"jane@example.com"', exact('email', 'jane@example.com')],
    ['email:jane@example.com', exact('email', 'jane@example.com')],
    ['jane', exact(undefined, 'jane')],
    ['user_id:"oauth2|acme|http://x/1"', exact('user_id', 'oauth2|acme|http://x/1')],
    ['name:jane\\ doe', exact('name', 'jane doe')],
    ['a:1 AND b:2', { kind: 'all', parts: [exact('a', '1'), exact('b', '2')] }],
    ['a:1 b:2', { kind: 'any', parts: [exact('a', '1'), exact('b', '2')] }],
    [
      'a:1 OR b:2 AND c:3',
      { kind: 'any', parts: [exact('a', '1'), { kind: 'all', parts: [exact('b', '2'), exact('c', '3')] }] },
    ],
    ['a:(1 OR 2)', { kind: 'any', parts: [exact('a', '1'), exact('a', '2')] }],
    ['NOT a:1', { kind: 'none', part: exact('a', '1') }],
    ['-a:1', { kind: 'none', part: exact('a', '1') }],
    ['+a:1', exact('a', '1')],
    ['_exists_:email', { kind: 'match', field: 'email', match: { kind: 'exists' } }],
    ['email:*', { kind: 'match', field: 'email', match: { kind: 'exists' } }],
    ['name:ja*', { kind: 'match', field: 'name', match: { kind: 'prefix', value: 'ja' } }],
    ['name:*ane', { kind: 'match', field: 'name', match: { kind: 'suffix', value: 'ane' } }],
    ['name:*jan*', { kind: 'match', field: 'name', match: { kind: 'infix', value: 'jan' } }],
    ['name:ja\\*', exact('name', 'ja*')],
    [
      'logins_count:[1 TO 5}',
      {
        kind: 'match',
        field: 'logins_count',
        match: { kind: 'range', from: { value: '1', isInclusive: true }, to: { value: '5', isInclusive: false } },
      },
    ],
    [
      'date:[2026-11-22T10:30:00.000Z TO *]',
      {
        kind: 'match',
        field: 'date',
        match: { kind: 'range', from: { value: '2026-11-22T10:30:00.000Z', isInclusive: true }, to: undefined },
      },
    ],
    ['a:AND', undefined],
    ['a:1)', undefined],
    ['(a:1', undefined],
    ['"open', undefined],
    ['a:[1 TO', undefined],
    ['a:[1 2]', undefined],
    ['name:*an', undefined],
    ['name:j*n', undefined],
    ['AND', undefined],
    ['', undefined],
  ])('%s', (query, expected) => {
    if (expected === undefined) expect(() => parseSearch(query)).toThrow(ApiError);
    else expect(parseSearch(query)).toEqual(expected);
  });

  test.each([
    ['ten thousand alternatives', Array.from({ length: 10_000 }, () => 'a:1').join(' OR ')],
    ['a thousand brackets', `${'('.repeat(1000)}a:1${')'.repeat(1000)}`],
    ['a thousand negations', `${'NOT '.repeat(1000)}a:1`],
    ['a thousand minus signs', `${'-'.repeat(1000)}a:1`],
    ['a hundred thousand characters', 'a'.repeat(100_000)],
  ])('API-06: %s are refused', (_, query) => {
    expect(() => parseSearch(query)).toThrow(ApiError);
  });

  test('API-06: what looks like an expression stays text', () => {
    expect(parseSearch('name:/(a+)+$/')).toMatchObject({ kind: 'any' });
    expect(parseSearch('__proto__:x')).toEqual(exact('__proto__', 'x'));
  });
});
