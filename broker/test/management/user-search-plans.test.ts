import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSearch } from '../../src/core/parse-search.ts';
import { createAsk } from '../../src/store/compile.ts';
import { findUsers, type UserSearch } from '../../src/store/search/find-users.ts';
import { databases, useDatabase } from '../support/databases.ts';
import { openManyUsers, type Planner, people } from '../support/many-users.ts';

/*
 * What docs/management-api.md says an index finds is found by one: each statement of a search is asked for its plan, on both
 * databases. And whichever way a page is found, it is the same page.
 */

/** Where the names of indexes differ, that of SQLite comes first. */
const userIds = /sqlite_autoindex_users_1|users_pkey/;
const ownIdentities = /sqlite_autoindex_identities_1|identities_pkey/;

const filters: readonly (readonly [query: string, index: RegExp])[] = [
  ['email:"p7"', /users_email_key/],
  ['email:p77*', /users_email_key/],
  ['email.domain:"d7.example"', /users_email_domain/],
  ['name:"p7"', /users_name_key/],
  ['name:p77*', /users_name_key/],
  ['given_name:"p7"', /users_given_name_key/],
  ['family_name:"p7"', /users_family_name_key/],
  ['nickname:"p7"', /users_nickname_key/],
  ['user_id:"oauth2|con_a|7"', userIds],
  ['blocked:true', /users_blocked/],
  ['created_at:"1970-01-01T00:00:00.005"', /users_created_at/],
  ['updated_at:"1970-01-01T00:00:00.005"', /users_updated_at/],
  ['last_login:"1970-01-01T00:00:00.005"', /users_last_login_order/],
  ['logins_count:[7 TO 9]', /users_logins_count/],
  ['identities.user_id:"con_a|7"', ownIdentities],
  ['app_metadata.team:"t7"', /user_terms_value/],
  ['user_metadata.a.b:"c"', /user_terms_value/],
  ['locale:de', /user_terms_value/],
  ['p7', /users_email_key/],
  ['email:"p7" OR app_metadata.team:"t8"', /user_terms_value/],
  ['email_verified:true AND email:"p7"', /users_email_key/],
];

const sorts: readonly (readonly [field: string, index: RegExp])[] = [
  ['user_id', userIds],
  ['email', /users_email_key/],
  ['email.domain', /users_email_domain/],
  ['name', /users_name_key/],
  ['given_name', /users_given_name_key/],
  ['family_name', /users_family_name_key/],
  ['nickname', /users_nickname_key/],
  ['created_at', /users_created_at/],
  ['updated_at', /users_updated_at/],
  ['last_login', /users_last_login_order/],
  ['logins_count', /users_logins_count/],
];

/** A whole table read, or rows collected to be sorted where an index has them in order. */
const long = /SCAN (users|term|identity)(?! USING)|USE TEMP B-TREE|Seq Scan on (users|user_terms|identities)|Sort Key/;

describe.each(databases)('plans on %s', (database) => {
  const server = useDatabase(database);
  let planner: Planner;
  beforeAll(async () => {
    planner = await openManyUsers(await server.url());
  }, 60_000);
  afterAll(() => planner.close());

  async function search(query: string | undefined, more: Partial<UserSearch>) {
    const plans: string[] = [];
    const ask = createAsk(planner.dialect, {
      async rows({ sql: text }, values) {
        plans.push(`${text}\n${await planner.plan(text, values)}`);
        return planner.rows(text, values);
      },
    });
    const found = await findUsers(
      { ask, dialect: planner.dialect },
      {
        search: query === undefined ? undefined : parseSearch(query),
        connection: undefined,
        sort: undefined,
        start: 0,
        limit: 50,
        isCounted: true,
        signal: new AbortController().signal,
        ...more,
      },
    );
    if (found === undefined) throw new Error('the search took too long');
    return { found, plans: plans.join('\n\n') };
  }
  const plansOf = async (query: string | undefined, more: Partial<UserSearch>) => (await search(query, more)).plans;

  test.each(filters)('%s is found by an index', async (query, index) => {
    const plans = await plansOf(query, {});
    expect(plans).toMatch(index);
    expect(plans).not.toMatch(long);
  });

  test.each(sorts)('a list by %s is read in the order of an index, both ways', async (field, index) => {
    for (const isDescending of [false, true]) {
      for (const connection of [undefined, 'con_a']) {
        const plans = await plansOf(undefined, { sort: { field, isDescending }, connection });
        expect(plans).toMatch(index);
        expect(plans).not.toMatch(long);
      }
    }
  });

  test('who is in a connection is asked for each user that is looked at, and not for everybody beforehand', async () => {
    for (const connection of ['con_a', 'con_b']) {
      const sorted = await plansOf('email.domain:"d7.example"', {
        connection,
        sort: { field: 'last_login', isDescending: true },
      });
      expect(sorted).toMatch(/identities_user/);
      expect(sorted).not.toMatch(/Seq Scan on (users|identities)|SCAN (users|identity)(?! USING)/);
    }
  });

  const numbers = Array.from({ length: people }, (_, index) => index + 1);
  const newestFirst = { field: 'last_login', isDescending: true };

  test.each<[what: string, query: string, matches: (number: number) => boolean]>([
    ['the newer half', 'logins_count:[10001 TO 20000]', (number) => number > 10_000],
    ['those who were here long ago', 'logins_count:[1 TO 9000]', (number) => number <= 9_000],
    ['one in a hundred', 'email.domain:"d7.example"', (number) => number % 100 === 7],
    [
      'a few of many',
      'email.domain:"d7.example" AND logins_count:[* TO 700]',
      (number) => number % 100 === 7 && number <= 700,
    ],
    ['ten', 'app_metadata.team:"t7"', (number) => Math.floor(number / 10) === 7],
    [
      'one of two kinds',
      'app_metadata.team:"t7" OR email.domain:"d7.example"',
      (number) => Math.floor(number / 10) === 7 || number % 100 === 7,
    ],
    ['all but some', 'NOT email.domain:"d7.example"', (number) => number % 100 !== 7],
    ['nobody', 'email.domain:"elsewhere.example"', () => false],
  ])('a sorted search for %s has the right pages and the right total', async (_, query, matches) => {
    const expected = numbers.filter(matches).reverse();
    for (const start of [0, 50, 900]) {
      const { found } = await search(query, { sort: newestFirst, start });
      expect(found.ids.map((id) => Number(id.split('|')[2]))).toEqual(expected.slice(start, start + 50));
      expect(found.total).toBe(Math.min(expected.length, 1_000));
    }
    expect((await search(query, {})).found.total).toBe(Math.min(expected.length, 1_000));
  });
});
