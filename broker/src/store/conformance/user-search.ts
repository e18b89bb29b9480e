import { beforeAll, describe, expect, test } from 'vitest';
import type { UserId } from '../../core/ids.ts';
import { parseSearch } from '../../core/parse-search.ts';
import type { User } from '../../core/user.ts';
import type { FoundUsers, UserSearch } from '../search/find-users.ts';
import { sampleConnection, sampleIdentity, sampleUser } from './samples.ts';
import type { Subject } from './subject.ts';

const day = (number: number) => new Date(Date.UTC(2026, 0, number, 12));
const asked = { connection: undefined, sort: undefined, start: 0, limit: 100, isCounted: false } as const;

/** Ten people, p0 to p9, of whom each differs from the one before in what a row of the table below asks for. */
function person(number: number): User {
  return sampleUser({
    id: `oauth2|found|p${number}` as UserId,
    attributes: {
      email: `P${number}@${number < 4 ? 'Example.com' : 'example.org'}`,
      email_verified: number % 2 === 0,
      name: number === 9 ? 'Élodie Öz' : `Person ${number}`,
      ...(number === 3 ? { family_name: "O'Brien; --" } : {}),
      locale: number < 5 ? 'en' : 'de',
      groups: ['all', `g${number}`],
    },
    userMetadata: number < 2 ? { address: { city: 'Paris' } } : {},
    appMetadata: { level: number - 3, plan: number === 7 ? 'premium' : 'basic' },
    isBlocked: number === 8,
    loginsCount: number,
    lastLoginAt: number === 0 ? undefined : day(number),
    createdAt: day(20 - number),
    updatedAt: day(20),
  });
}

export function userSearchTests(subject: Subject): void {
  let prefix = '';
  beforeAll(async () => {
    const { store } = subject;
    const found = sampleConnection();
    const other = sampleConnection();
    prefix = found.name;
    await store.writeAll([store.connections.create(found), store.connections.create(other)]);
    for (let number = 0; number < 10; number += 1) {
      const user = person(number);
      await store.writeAll([
        store.users.create(user),
        store.identities.create(sampleIdentity(found.id, user.id, `p${number}`)),
        ...(number === 6 ? [store.identities.create(sampleIdentity(other.id, user.id, 'second'))] : []),
      ]);
    }
  });

  const search = (text: string, more: Partial<UserSearch> = {}): Promise<FoundUsers | undefined> =>
    subject.store.users.search({
      ...asked,
      search: parseSearch(text),
      signal: new AbortController().signal,
      ...more,
    });
  const numbersOf = (found: FoundUsers | undefined) => found?.ids.map((id) => id.split('|p')[1]).join('');

  test.each([
    ['email:"p1@EXAMPLE.com"', '1'],
    ['email:p1*', '1'],
    ['email:*@example.org AND name:"person 5"', '5'],
    ['email.domain:example.com', '0123'],
    ['name:"élodie öz"', '9'],
    ['name:*lodie*', '9'],
    ['family_name:"O\'Brien; --"', '3'],
    ['_exists_:family_name', '3'],
    ['NOT _exists_:family_name AND email.domain:example.com', '012'],
    ['"person 2"', '2'],
    ['person* AND -blocked:true AND -name:"Person 1" AND -locale:de', '0234'],
    ['user_id:"oauth2|found|p4"', '4'],
    ['identities.provider:oauth2 AND locale:de', '56789'],
    ['identities.isSocial:false', ''],
    ['blocked:true', '8'],
    ['blocked:false AND locale:de', '5679'],
    ['email_verified:true AND locale:de', '68'],
    ['logins_count:[3 TO 5]', '345'],
    ['logins_count:{3 TO 5}', '4'],
    ['logins_count:[8 TO *]', '89'],
    ['last_login:[2026-01-02 TO 2026-01-03]', '23'],
    ['last_login:"2026-01-04"', '4'],
    ['created_at:[* TO 2026-01-12}', '9'],
    ['_exists_:last_login AND logins_count:[* TO 2]', '12'],
    ['user_metadata.address.city:Paris', '01'],
    ['user_metadata.address.city:paris', ''],
    ['app_metadata.plan:"premium"', '7'],
    ['app_metadata.plan:prem*', '7'],
    ['app_metadata.level:["-2" TO 0]', '123'],
    ['groups:g5 OR groups:g6', '56'],
    ['groups:(g1 OR g2) AND locale:en', '12'],
    ['(groups:g1 AND locale:de) OR locale:nothing', ''],
    ['identities.access_token:*', ''],
    ['identities.refresh_token:[a TO z]', ''],
    ['sealed_tokenset:*', ''],
    ['__proto__:x OR constructor:* OR __proto__.polluted:true', ''],
    ['name:"\' or 1=1; --"', ''],
    ['name:% OR name:_ OR name:"%"', ''],
    ['user_metadata.a\u0000b:x', ''],
    ['*', '0123456789'],
    ['*:*', '0123456789'],
    ['NOT *', ''],
  ])('%s finds %s', async (text, numbers) => {
    const found = await search(text);
    expect([...(numbersOf(found) ?? 'timed out')].sort().join('')).toBe(numbers);
    const sorted = await search(text, { sort: { field: 'email', isDescending: true }, isCounted: true });
    expect(numbersOf(sorted)).toBe([...numbers].reverse().join(''));
    expect(sorted?.total).toBe(numbers.length);
  });

  test('by a connection, and by an identity of it', async () => {
    expect(numbersOf(await search('*', { connection: prefix }))).toHaveLength(10);
    expect(numbersOf(await search(`identities.connection:"${prefix}" AND groups:g6`))).toBe('6');
    expect(numbersOf(await search(`identities.user_id:"${prefix}|p6"`))).toBe('6');
    expect(numbersOf(await search('*', { connection: 'nobody' }))).toBe('');
  });

  test.each([
    ['created_at', '9876543210'],
    ['last_login', '0123456789'],
    ['logins_count', '0123456789'],
    ['name', '0123456789'],
    ['user_id', '0123456789'],
    ['updated_at', '0123456789'],
  ])('sorted by %s, page by page, nobody is missing and nobody comes twice', async (field, numbers) => {
    for (const isDescending of [false, true]) {
      const pages = [0, 3, 6, 9].map((start) => search('*', { sort: { field, isDescending }, start, limit: 3 }));
      const order = (await Promise.all(pages)).map(numbersOf).join('');
      expect(order).toBe(isDescending ? [...numbers].reverse().join('') : numbers);
    }
  });

  test.each([
    'user_metadata.a:b*',
    'user_metadata.a:[1 TO 2]',
    'created_at:soon',
    'created_at:2026*',
    'logins_count:many',
    'blocked:maybe',
    'na*me:x',
  ])('%s is no search, and said to be none', async (text) => {
    await expect(async () => search(text)).rejects.toMatchObject({ status: 400, code: 'invalid_query_string' });
  });

  test('the most complicated search that may be written has an answer', async () => {
    const words = Array.from({ length: 256 }, (_, index) => `w${index}`);
    expect(numbersOf(await search(words.join(' OR ')))).toBe('');
    expect(numbersOf(await search(words.map((word) => `app_metadata.${word}:${word}`).join(' AND ')))).toBe('');
    expect(numbersOf(await search(`${'('.repeat(30)}p1${')'.repeat(30)}`))).toBe('');
  });

  test('a search that has taken too long gives up', async () => {
    expect(await search('name:*nobody*', { signal: AbortSignal.abort() })).toBeUndefined();
  });

  describe('what changes', () => {
    test('a login that brings other attributes, and metadata that changes, are found at once', async () => {
      const { store } = subject;
      const user = sampleUser({
        attributes: { name: 'Before', kind: 'old' },
        appMetadata: { stage: 'one', kept: true },
      });
      await store.write(store.users.create(user));
      const login = { userId: user.id, at: day(30), userMetadata: undefined, appMetadata: { stage: 'two' } };
      await store.write(store.users.recordLogin({ ...login, attributes: { name: 'After', kind: 'new' } }));
      for (const gone of ['name:Before', 'kind:old', 'app_metadata.stage:one']) {
        expect((await search(gone))?.ids, gone).toEqual([]);
      }
      for (const there of ['name:after', 'kind:new', 'app_metadata.stage:two', 'app_metadata.kept:true']) {
        expect((await search(there))?.ids, there).toContain(user.id);
      }
      await store.write(store.users.delete(user.id));
      expect((await search('kind:new'))?.ids).toEqual([]);
    });
  });
}
