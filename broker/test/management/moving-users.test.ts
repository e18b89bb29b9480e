import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databases, useDatabase } from '../support/databases.ts';
import { finishedJob, type JobWire, uploadUsers } from '../support/jobs.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import { redeem, signIn, startWorld, type World } from '../support/world.ts';

/* People who come from Auth0, in the files that Auth0 exports, and sign in as who they were. */

type IdentityWire = { readonly provider: string; readonly connection: string; readonly user_id: string };

const at = (connection: string, id: string) => ({
  provider: 'oauth2',
  connection,
  user_id: `${connection}|${id}`,
  isSocial: true,
});
const inDatabase = (id: string) => ({
  provider: 'auth0',
  connection: 'Username-Password-Authentication',
  user_id: id,
  isSocial: false,
});
const atGoogle = (id: string) => ({ provider: 'google-oauth2', connection: 'google-oauth2', user_id: id });
const asExported = (first: IdentityWire, others: readonly IdentityWire[] = [], more: object = {}) => ({
  user_id: `${first.provider}|${first.user_id}`,
  email: `${first.user_id.replace(/^.*\|/, '')}@example.com`,
  email_verified: true,
  name: `Name of ${first.user_id}`,
  created_at: '2021-03-04T05:06:07.890Z',
  updated_at: '2024-03-04T05:06:07.890Z',
  last_login: '2024-03-04T05:06:07.890Z',
  logins_count: 12,
  last_ip: '203.0.113.9',
  identities: [first, ...others.map((each) => ({ ...each, profileData: { name: `By ${each.user_id}` } }))],
  ...more,
});

describe.each(databases)('people who come from Auth0, on %s', (database) => {
  const server = useDatabase(database);
  let world: World;
  let api: Api;
  const connections = new Map<string, string>();
  beforeAll(async () => {
    world = await startWorld({
      databaseUrl: await server.url(),
      change: (seed, issuerUrl) =>
        addAdmin(seed, issuerUrl, ['read:users', 'create:users', 'update:users', 'read:connections']),
    });
    api = await createApi(world);
    const { body } = await api.call('GET', '/connections');
    for (const { id, name } of body as { id: string; name: string }[]) connections.set(name, id);
  });
  afterAll(() => world.close());

  async function bring(users: readonly object[], { connection = 'mapped', upsert = 'false' } = {}) {
    const text = users.map((user) => `${JSON.stringify(user)}\n`).join('');
    const answer = await uploadUsers(api, { connection_id: connections.get(connection) ?? '', upsert }, text);
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    const job = await finishedJob(api, (answer.body as JobWire).id);
    const errors = (await api.call('GET', `/jobs/${job.id}/errors`)).body as { errors: { message: string }[] }[];
    return { job, messages: (errors ?? []).map(({ errors: [error] }) => error?.message) };
  }

  const find = async (id: string) => (await api.call('GET', `/users/${encodeURIComponent(id)}`)).body;

  async function subjectOf(id: string, connection: string) {
    world.provider.signInAs({ id, email: `${id}@example.com`, name: `${id} again` });
    const { answer } = await signIn(world, { connection });
    if (answer.error !== undefined) return answer.error;
    const { body } = await redeem(world, answer.code);
    return decodeJwt(String(body.id_token)).sub;
  }

  test('a file with one object a line goes in as it is: ids, several identities, metadata, blocked', async () => {
    const { job, messages } = await bring([
      asExported(at('mapped', 'ada'), [at('scripted', 'ada-2')], {
        user_metadata: { theme: 'dark' },
        app_metadata: { plan: 'gold' },
      }),
      asExported(at('mapped', 'bob'), [], { blocked: true }),
    ]);
    expect(messages).toEqual([]);
    expect(job).toMatchObject({ summary: { inserted: 2, failed: 0, total: 2 } });
    expect(await find('oauth2|mapped|ada')).toMatchObject({
      user_metadata: { theme: 'dark' },
      app_metadata: { plan: 'gold' },
      created_at: '2021-03-04T05:06:07.890Z',
      last_login: '2024-03-04T05:06:07.890Z',
      last_ip: '203.0.113.9',
      logins_count: 12,
      identities: [at('mapped', 'ada'), { ...at('scripted', 'ada-2'), profileData: { name: 'By scripted|ada-2' } }],
    });
    expect(await subjectOf('ada', 'mapped')).toBe('oauth2|mapped|ada');
    expect(await subjectOf('ada-2', 'scripted')).toBe('oauth2|mapped|ada');
    expect(await subjectOf('bob', 'mapped')).toBe('unauthorized');
  });

  test('what a file says is null is not there', async () => {
    const absent = [
      'given_name',
      'email_verified',
      'blocked',
      'user_metadata',
      'app_metadata',
      'last_login',
      'last_ip',
    ];
    const { messages } = await bring([
      { ...asExported(at('mapped', 'null')), ...Object.fromEntries(absent.map((name) => [name, null])) },
    ]);
    expect(messages).toEqual([]);
    const found = await find('oauth2|mapped|null');
    for (const name of absent) expect(found).not.toHaveProperty(name);
  });

  test('whom a database or Google knew first keeps that id, and comes in by what is here', async () => {
    const { messages } = await bring([
      asExported(inDatabase('5f1a'), [at('mapped', 'cleo'), atGoogle('1001')]),
      asExported(at('mapped', 'dan'), [atGoogle('1002')]),
    ]);
    expect(messages).toEqual([]);
    expect(await find('auth0|5f1a')).toMatchObject({ name: 'Name of 5f1a', identities: [at('mapped', 'cleo')] });
    expect(await subjectOf('cleo', 'mapped')).toBe('auth0|5f1a');
    expect(await find('auth0|5f1a')).toMatchObject({ name: 'Name of 5f1a', logins_count: 13 });
    expect(await find('oauth2|mapped|dan')).toMatchObject({ identities: [at('mapped', 'dan')] });
  });

  test('the only way in of somebody cannot be unlinked', async () => {
    await bring([asExported(inDatabase('5f1b'), [at('mapped', 'olga'), at('scripted', 'olga-2')])]);
    const path = `/users/${encodeURIComponent('auth0|5f1b')}/identities/oauth2`;
    expect(await api.call('DELETE', `${path}/mapped%7Colga`)).toMatchObject({ status: 200 });
    expect(await api.call('DELETE', `${path}/scripted%7Colga-2`)).toMatchObject({
      status: 400,
      body: { message: 'Main identity cannot be removed.' },
    });
    expect(await subjectOf('olga-2', 'scripted')).toBe('auth0|5f1b');
    expect(await subjectOf('olga', 'mapped')).toBe('oauth2|mapped|olga');
  });

  test('one person in the files of two connections is one user, and both files may be brought again', async () => {
    const person = asExported(at('scripted', 'eve'), [at('mapped', 'eve-2')]);
    const first = await bring([person], { connection: 'mapped', upsert: 'true' });
    expect(first.job).toMatchObject({ summary: { inserted: 1, failed: 0 } });
    const second = await bring([person], { connection: 'scripted', upsert: 'true' });
    expect(second.job).toMatchObject({ summary: { inserted: 0, updated: 1, failed: 0 } });
    expect(await subjectOf('eve-2', 'mapped')).toBe('oauth2|scripted|eve');
    expect(await bring([person])).toMatchObject({ messages: ['The user already exists.'] });
  });

  test('who has signed in here before is brought up to date, linked identities included', async () => {
    expect(await subjectOf('finn', 'mapped')).toBe('oauth2|mapped|finn');
    const person = asExported(at('mapped', 'finn'), [at('scripted', 'finn-2')], { app_metadata: { plan: 'gold' } });
    expect((await bring([person], { upsert: 'true' })).messages).toEqual([]);
    expect(await find('oauth2|mapped|finn')).toMatchObject({ app_metadata: { plan: 'gold' }, logins_count: 1 });
    expect(await subjectOf('finn-2', 'scripted')).toBe('oauth2|mapped|finn');
  });

  test('who may only create users gives nobody who is there another way in', async () => {
    const id = await subjectOf('lea', 'mapped');
    const row = asExported(at('mapped', 'lea'), [at('scripted', 'mallory')]);
    const creator = await createApi(world, 'create:users');
    const parts = { connection_id: connections.get('mapped') ?? '', upsert: 'true' };
    const started = await uploadUsers(creator, parts, JSON.stringify([row]));
    const job = await finishedJob(api, (started.body as JobWire).id);
    expect(job).toMatchObject({ summary: { inserted: 0, updated: 0, failed: 1 } });
    expect((await api.call('GET', `/jobs/${job.id}/errors`)).body).toMatchObject([
      { errors: [{ message: expect.stringContaining('update:users') }] },
    ]);
    expect(await subjectOf('mallory', 'scripted')).not.toBe(id);
  });

  test('nobody comes in under an id, or by an identity, that is somebody else’s', async () => {
    await subjectOf('gil', 'mapped');
    await subjectOf('hana', 'scripted');
    const { job, messages } = await bring(
      [
        { ...asExported(at('mapped', 'mallory')), user_id: 'oauth2|mapped|gil', identities: [at('scripted', 'hana')] },
        { ...asExported(at('mapped', 'mallory')), user_id: 'oauth2|scripted|hana' },
        asExported(at('mapped', 'mallory'), [at('scripted', 'hana')]),
        asExported(inDatabase('5f1c')),
        { user_id: 'google-oauth2|1003', email: 'without-identities@example.com' },
        asExported(at('nowhere', 'x'), [at('mapped', 'ines')]),
        asExported(inDatabase('\0'), [at('mapped', 'june')]),
        // Identities that only look as if they gave the id.
        {
          user_id: 'oauth2|scripted|kim',
          identities: [at('mapped', 'mallory'), { ...at('mapped', 'x'), user_id: 'scripted|kim' }],
        },
        {
          user_id: 'oauth2|scripted|kim',
          identities: [at('mapped', 'mallory'), { ...at('x', 'x'), provider: 'oauth2|scripted', user_id: 'kim' }],
        },
      ],
      { upsert: 'true' },
    );
    expect(job).toMatchObject({ summary: { inserted: 0, updated: 0, failed: 9 } });
    expect(messages).toEqual([
      'The user already exists.',
      'user_id is one of another connection, which identities does not list',
      'The user already exists.',
      'the user has no identity of this connection',
      'user_id is one of another connection, which identities does not list',
      'there is no connection nowhere',
      expect.stringContaining('NUL'),
      'user_id is one of another connection, which identities does not list',
      expect.stringContaining('identities[1].provider'),
    ]);
    expect(await subjectOf('gil', 'mapped')).toBe('oauth2|mapped|gil');
    expect(await subjectOf('hana', 'scripted')).toBe('oauth2|scripted|hana');
    expect(await subjectOf('kim', 'scripted')).toBe('oauth2|scripted|kim');
    expect(
      (await uploadUsers(api, { connection_id: connections.get('mapped') ?? '' }, '{"Id":"oauth2|mapped|x"}\n')).status,
    ).toBe(400);
  });
});
