import { beforeAll, describe, expect, test } from 'vitest';
import { ApiError } from '../../src/core/errors.ts';
import { parseSearch } from '../../src/core/parse-search.ts';
import type { Search } from '../../src/core/search.ts';
import { createSeeded } from '../differential/seeded.ts';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import { signIn } from '../support/world.ts';

/*
 * API-06: whatever is searched for, it is few terms, each compared as text by the database. How long that takes is bounded by
 * how many there may be, by steps of the database that are small each, and by a deadline (exhaustion.test.ts).
 */

const most = { terms: 256, depth: 33 };
const sizeOf = (search: Search): { terms: number; depth: number } => {
  if (search.kind === 'match') return { terms: 1, depth: 0 };
  const parts = (search.kind === 'none' ? [search.part] : search.parts).map(sizeOf);
  return {
    terms: parts.reduce((sum, { terms }) => sum + terms, 0),
    depth: 1 + Math.max(...parts.map(({ depth }) => depth)),
  };
};

const long = (text: string, count: number, between = ' ') => Array.from({ length: count }, () => text).join(between);

describe('API-06: the work of a search is bounded', () => {
  test.each([
    ['ten thousand alternatives', long('a:1', 10_000, ' OR ')],
    ['ten thousand words', long('a', 10_000)],
    ['a thousand brackets', `${'('.repeat(1000)}a${')'.repeat(1000)}`],
    ['a thousand fields in each other', `${'a:('.repeat(1000)}b${')'.repeat(1000)}`],
    ['a thousand negations', `${'NOT '.repeat(1000)}a`],
    ['an open quotation', `name:"${'a'.repeat(100)}`],
    ['an escaped quotation', 'name:"a\\"'],
    ['a quotation within', 'name:"a"b"'],
    ['an open bracket', '(((a'],
    ['a closed bracket', 'a)))'],
    ['an open range', 'logins_count:[1 TO'],
    ['a range of nothing', 'logins_count:[TO]'],
    ['ranges in each other', 'logins_count:[[1 TO 2] TO 3]'],
    ['three thousand characters of stars', `name:${'*'.repeat(3000)}`],
    ['stars between letters', `name:${'a*'.repeat(1000)}`],
    ['9,000 characters', 'a'.repeat(9_000)],
    ['nothing but a field', 'name:'],
    ['nothing but an operator', 'AND OR NOT'],
  ])('%s are refused', (_, query) => {
    expect(() => parseSearch(query)).toThrow(ApiError);
  });

  test.each([
    ['as many terms as there may be', long('a:1', 256, ' OR ')],
    ['as many brackets', `${'('.repeat(32)}a${')'.repeat(32)}`],
    ['ranges', long('logins_count:[0 TO 9999999999999999999999]', 80, ' OR ')],
    ['a number that is none', 'logins_count:[1e999 TO -1e999]'],
    ['everything', '*:*'],
    ['what is there', '_exists_:_exists_'],
    ['a wildcard in front', 'name:*abc'],
    ['an expression', 'name:/(a+)+$/'],
    ['eight thousand characters of one word', `name:"${'a'.repeat(8_000)}"`],
  ])('%s are no more than they say', (_, query) => {
    try {
      const { terms, depth } = sizeOf(parseSearch(query));
      expect(terms).toBeLessThanOrEqual(most.terms);
      expect(depth).toBeLessThanOrEqual(most.depth);
    } catch (error) {
      expect(error).toBeInstanceOf(ApiError);
    }
  });

  test('ten thousand strings of its own signs are a small tree or refused, never a failure', () => {
    const seeded = createSeeded(6);
    const signs = [
      '(',
      ')',
      '"',
      ':',
      '*',
      '\\',
      '[',
      ']',
      '{',
      '}',
      ' TO ',
      ' AND ',
      ' OR ',
      ' NOT ',
      '-',
      '+',
      '/',
      '~',
      '^',
      'a',
      'name',
      '_exists_',
      '1',
      ' ',
      '\u0000',
      '𝒳',
    ];
    let read = 0;
    for (let count = 0; count < 10_000; count += 1) {
      const query = Array.from({ length: 1 + seeded.below(40) }, () => seeded.pick(signs)).join('');
      try {
        const { terms, depth } = sizeOf(parseSearch(query));
        expect(terms <= most.terms && depth <= most.depth, query).toBe(true);
        read += 1;
      } catch (error) {
        expect(error, query).toBeInstanceOf(ApiError);
      }
    }
    expect(read).toBeGreaterThan(300);
  });
});

describe.each(databases)('API-06: a search of people on %s', (database) => {
  const getWorld = useWorld(
    {
      change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['read:users', 'read:logs', 'read:user_idp_tokens']),
      environment: { PORTICO_MANAGEMENT_RATE: '0' },
    },
    database,
  );
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
    await signIn(getWorld());
  });
  const found = async (q: string) => (await api.call('GET', `/users?q=${encodeURIComponent(q)}`)).body;

  test.each([
    'identities.access_token:*',
    'identities.refresh_token:*',
    '_exists_:identities.access_token',
    'sealed_tokenset:*',
    'sealedTokenset:*',
    'key_hash:*',
    'password:*',
    '__proto__:*',
    '__proto__.polluted:x',
    'constructor:*',
    'constructor.prototype:*',
    'user_metadata.__proto__:*',
    'app_metadata.constructor:*',
    "name:x' or '1'='1",
    "name:\"x' or '1'='1\"",
    'name:"\'; drop table users; --"',
    'name:"%"',
    'name:"_da Lovelace"',
    'name:"Ada%"',
    'name:"\\\\"',
    `"na' or 1=1":x`,
    'users.id:*',
    'logins_count:1.5',
    'logins_count:[1.2 TO 1.8]',
    'logins_count:{1 TO 1.5]',
    'logins_count:[2147483647 TO 1e300]',
    'last_login:[9999-12-31T23:59:59.999Z TO *]',
    'created_at:275761',
    'name:"$1"',
    'name:"?"',
  ])('%s finds nobody', async (q) => {
    const body = await found(q);
    if (!Array.isArray(body)) expect(body).toMatchObject({ statusCode: 400, errorCode: 'invalid_query_string' });
    else expect(body).toEqual([]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each([
    'name:*',
    '_exists_:email',
    'name:*lovelace',
    'logins_count:[0 TO *]',
    'logins_count:[* TO 1e300]',
    'logins_count:[0 TO 9999999999]',
    'logins_count:[0.5 TO 1.5]',
    'logins_count:{0 TO 1.5}',
  ])('%s finds who is there', async (q) => {
    expect(await found(q)).toEqual([expect.objectContaining({ email: 'ada@example.com' })]);
  });

  test('what the answer holds besides cannot be searched for: not by a token’s own value', async () => {
    const [user] = (await found('name:*')) as { identities: { access_token: string }[] }[];
    const token = user?.identities[0]?.access_token ?? '';
    expect(token).toMatch(/^at-/);
    for (const q of [token, `"${token}"`, `identities.access_token:"${token}"`, `name:"${token}"`]) {
      expect(await found(q)).toEqual([]);
    }
  });
});
