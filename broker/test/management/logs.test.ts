import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databases, useDatabase } from '../support/databases.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import { signIn, startWorld, type World } from '../support/world.ts';

type Line = { readonly log_id: string; readonly type: string; readonly user_id: string; readonly date: string };

describe.each(databases)('the log on %s', (database) => {
  const server = useDatabase(database);
  let world: World;
  let api: Api;
  beforeAll(async () => {
    world = await startWorld({
      databaseUrl: await server.url(),
      change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['read:logs', 'read:users', 'update:users']),
    });
    api = await createApi(world);
    for (const id of ['l-1', 'l-2', 'l-1']) {
      world.provider.signInAs({ id, email: `${id}@example.com` });
      await signIn(world);
    }
    await api.call('PATCH', '/users/oauth2%7Cmapped%7Cl-2', { blocked: true });
    world.provider.signInAs({ id: 'l-2', email: 'l-2@example.com' });
    await signIn(world);
  });
  afterAll(() => world.close());

  const lines = async (query: string) => (await api.call('GET', `/logs?${query}`)).body as readonly Line[];
  const typesOf = async (query: string) => (await lines(query)).map(({ type }) => type).join(' ');
  const q = (text: string) => `q=${encodeURIComponent(text)}`;

  test('a line has the names of Auth0, newest first', async () => {
    expect(await typesOf('')).toBe('f sapi s s ss s ss seccft');
    expect(await typesOf('sort=date:1')).toBe('seccft ss s ss s s sapi f');
    const [line] = await lines(q('type:s'));
    expect(line).toMatchObject({
      _id: line?.log_id,
      type: 's',
      date: expect.stringMatching(/Z$/),
      client_id: 'web',
      client_name: 'Web application',
      connection: 'mapped',
      connection_id: expect.stringMatching(/^con_/),
      strategy: 'oauth2',
      user_id: 'oauth2|mapped|l-1',
      user_name: 'l-1@example.com',
      hostname: 'localhost',
      audience: '',
      scope: 'openid profile email',
      ip: expect.any(String),
      isMobile: false,
      details: { trace_id: expect.stringMatching(/^tr_/) },
    });
    expect((await api.call('GET', `/logs/${line?.log_id}`)).body).toEqual(line);
    expect(await api.call('GET', '/logs/log_none')).toMatchObject({ status: 404, body: { message: 'Log not found.' } });
  });

  test.each([
    ['type:s AND user_id:"oauth2|mapped|l-1"', 's s'],
    ['type:(f OR sapi)', 'f sapi'],
    ['type:s*', 'sapi s s ss s ss seccft'],
    ['NOT type:s*', 'f'],
    ['client_name:"Web application" AND NOT type:f', 's s ss s ss'],
    ['connection:mapped AND strategy:oauth2 AND strategy_type:social AND NOT type:(f OR ss)', 's s s'],
    ['connection:mapped AND strategy:github', ''],
    ['user_name:"l-2@example.com"', 'f s ss'],
    ['user_name:l-1*', 's s ss'],
    ['user_name:L-1*', ''],
    ['"l-2@example.com"', 'f s ss'],
    ['*-1@example*', 's s ss'],
    ['hostname:localhost AND type:f', 'f'],
    ['hostname:elsewhere', ''],
    ['hostname:local* AND type:seccft', 'seccft'],
    ['type:seccft AND client_id:admin', 'seccft'],
    ['audience:*', ''],
    ['client_id:WEB', ''],
    ['date:[2020-01-01 TO *] AND client_id:admin', 'sapi seccft'],
    ['date:[* TO 2020-01-01]', ''],
    ['sapi', 'sapi'],
    ['_exists_:user_id AND type:sapi', 'sapi'],
    ['__proto__:x OR details.secret:*', ''],
  ])('%s finds %s', async (text, types) => {
    expect(await typesOf(q(text))).toBe(types);
  });

  test('a page tells how many lines it has, and fields pick', async () => {
    const { body } = await api.call(
      'GET',
      `/logs?include_totals=true&per_page=2&page=1&fields=type&${q('type:(s OR f OR sapi)')}`,
    );
    expect(body).toEqual({ start: 2, limit: 2, length: 2, total: 2, logs: [{ type: 's' }, { type: 's' }] });
    expect((await api.call('GET', '/logs?per_page=100&page=10')).status).toBe(400);
  });

  test('whoever follows the log by its links meets every line once, and at the end the same link again', async () => {
    world.broker.clock.advance(5);
    const met: Line[] = [];
    let path = '/logs?take=2';
    for (let pages = 0; pages < 20; pages += 1) {
      const { body, headers } = await api.call('GET', path);
      met.push(...(body as Line[]));
      const [, next = ''] = /^<.*\/api\/v2(.*)>; rel="next"$/.exec(String(headers.link)) ?? [];
      if ((body as Line[]).length === 0) expect(next).toBe(path);
      path = next;
    }
    expect(met.map(({ type }) => type).toSorted()).toEqual(['f', 's', 's', 's', 'sapi', 'seccft', 'ss', 'ss']);
    expect(new Set(met.map((line) => line.log_id)).size).toBe(8);
  });

  test('a token has its audience and scope beside the details, and a line without them has empty ones', async () => {
    const [token, failure] = [(await lines(q('type:seccft')))[0], (await lines(q('type:f')))[0]];
    expect(token).toMatchObject({
      description: 'Client Credentials for Access Token',
      audience: world.broker.url('api/v2/'),
      scope: 'read:logs read:users update:users',
      user_id: '',
      user_name: '',
      connection: '',
      connection_id: '',
      strategy: '',
      details: { trace_id: expect.stringMatching(/^tr_/) },
    });
    expect(Object.keys((token as unknown as { details: object }).details)).toEqual(['trace_id']);
    expect(failure).toMatchObject({ audience: '', scope: '', details: { error: 'unauthorized' } });
  });

  test('a person’s own log', async () => {
    const own = await api.call('GET', '/users/oauth2%7Cmapped%7Cl-2/logs');
    expect(own.body).toContainEqual(expect.objectContaining({ type: 'sapi', user_id: 'oauth2|mapped|l-2' }));
    const counted = await api.call('GET', '/users/oauth2%7Cmapped%7Cl-1/logs?include_totals=true&per_page=1');
    expect(counted.body).toMatchObject({ start: 0, limit: 1, length: 1, total: 1, logs: [{ type: 's' }] });
    expect((await api.call('GET', '/users/nobody/logs')).body).toEqual([]);
  });
});
