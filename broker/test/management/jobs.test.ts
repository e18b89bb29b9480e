import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databases, useDatabase } from '../support/databases.ts';
import { finishedJob, type JobWire, uploadUsers } from '../support/jobs.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import { signIn, startWorld, type World } from '../support/world.ts';

describe.each(databases)('jobs on %s', (database) => {
  const server = useDatabase(database);
  let world: World;
  let api: Api;
  let connectionId: string;
  beforeAll(async () => {
    world = await startWorld({
      databaseUrl: await server.url(),
      change: (seed, issuerUrl) =>
        addAdmin(seed, issuerUrl, ['read:users', 'create:users', 'read:connections', 'read:stats']),
    });
    api = await createApi(world);
    const { body } = await api.call('GET', '/connections?name=mapped');
    [{ id: connectionId }] = body as [{ id: string }];
    for (const id of ['one', 'two', 'three']) {
      world.provider.signInAs({ id, email: `${id}@export.example`, name: id === 'one' ? '=HYPERLINK("x")' : id });
      await signIn(world);
    }
  });
  afterAll(() => world.close());

  const finished = (id: string) => finishedJob(api, id);

  async function exported(body: object): Promise<string> {
    const { status, body: job } = await api.call('POST', '/jobs/users-exports', body);
    expect(status).toBe(200);
    const { location = '' } = await finished((job as JobWire).id);
    const answer = await request(location);
    expect(answer.statusCode).toBe(200);
    return gunzipSync(Buffer.from(await answer.body.arrayBuffer())).toString('utf8');
  }

  const upload = (parts: Readonly<Record<string, string>>, users: string | undefined) => uploadUsers(api, parts, users);

  async function imported(users: unknown, more: Readonly<Record<string, string>> = {}) {
    const answer = await upload({ connection_id: connectionId, ...more }, JSON.stringify(users));
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    return finished((answer.body as JobWire).id);
  }

  const find = async (id: string) => (await api.call('GET', `/users/${encodeURIComponent(id)}`)).body;

  test('an export has one line for each user, without tokens, behind an address that cannot be guessed', async () => {
    const lines = (await exported({ connection_id: connectionId })).trim().split('\n');
    const users = lines.map((line) => JSON.parse(line));
    expect(users.map(({ email }) => email).sort()).toEqual([
      'one@export.example',
      'three@export.example',
      'two@export.example',
    ]);
    expect(users[0]).toMatchObject({ identities: [{ connection: 'mapped', isSocial: true }] });
    expect(lines.join('')).not.toContain('access_token');
    const { body } = await api.call('POST', '/jobs/users-exports', { limit: 1 });
    const { location = '' } = await finished((body as JobWire).id);
    const [start, token = '', file = ''] = /^(.*\/exports\/)([^/]+)\/(.*)$/.exec(location)?.slice(1) ?? [];
    const badly = [
      `${start}${token.slice(0, -6)}AAAAAA/${file}`,
      `${start}${api.token}/${file}`,
      `${start}${token}/x.gz`,
    ];
    for (const url of badly) expect((await request(url)).statusCode, url).toBe(404);
    // The address of a file is no token for anything else.
    const answer = await request(world.broker.url('api/v2/users'), { headers: { authorization: `Bearer ${token}` } });
    expect(answer.statusCode).toBe(401);
  });

  test('a table has the fields that were asked for, and nothing that a spreadsheet would run', async () => {
    const fields = [
      { name: 'email' },
      { name: 'name', export_as: 'Full "name"' },
      { name: 'identities[0].connection' },
    ];
    const rows = (await exported({ format: 'csv', fields })).split('\r\n');
    expect(rows[0]).toBe('email,"Full ""name""",identities[0].connection');
    expect(rows).toContain('two@export.example,two,mapped');
    expect(rows).toContain('one@export.example,"\'=HYPERLINK(""x"")",mapped');
  });

  test('people move in with id, metadata and linked identities, and sign in as who they were', async () => {
    const user = {
      user_id: 'oauth2|mapped|moved-1',
      email: 'moved@example.com',
      name: 'Moved',
      locale: 'en',
      created_at: '2020-02-03T04:05:06.000Z',
      logins_count: 7,
      user_metadata: { theme: 'dark' },
      app_metadata: { plan: 'gold' },
      identities: [
        { provider: 'oauth2', connection: 'mapped', user_id: 'mapped|moved-1', isSocial: true },
        { provider: 'oauth2', connection: 'scripted', user_id: 'scripted|moved-2', isSocial: true },
      ],
    };
    const job = await imported([user], { external_id: 'batch 1' });
    expect(job).toMatchObject({
      status: 'completed',
      type: 'users_import',
      connection: 'mapped',
      external_id: 'batch 1',
      percentage_done: 100,
      summary: { inserted: 1, updated: 0, failed: 0, total: 1 },
    });
    expect(await find('oauth2|mapped|moved-1')).toMatchObject({
      name: 'Moved',
      locale: 'en',
      created_at: '2020-02-03T04:05:06.000Z',
      logins_count: 7,
      app_metadata: { plan: 'gold' },
      identities: [{ connection: 'mapped' }, { connection: 'scripted' }],
    });
    world.provider.signInAs({ id: 'moved-2', email: 'second@example.com' });
    await signIn(world, { connection: 'scripted' });
    expect(await find('oauth2|mapped|moved-1')).toMatchObject({ logins_count: 8, name: 'Moved' });
  });

  test('each row that cannot be taken is told by itself, and the others go in', async () => {
    const job = await imported([
      { user_id: 'good', email: 'good@example.com' },
      { user_id: 'good', email: 'twice@example.com' },
      { user_id: 'one', email: 'known@example.com' },
      { email: 'nobody@example.com' },
      { user_id: 'oauth2|other|x' },
      { user_id: 'hashed', password_hash: '$2b$10$abcdefghijklmnopqrstuv' },
      { user_id: 'typed', email_verified: 'yes' },
      { user_id: 'meta', app_metadata: { email: 'x' } },
      { user_id: 'time', created_at: 'yesterday' },
      { user_id: 'linked', identities: [{ provider: 'oauth2', connection: 'nowhere', user_id: 'x' }] },
      'not a user',
      JSON.parse('{"user_id":"proto","__proto__":{"isAdmin":true}}'),
    ]);
    expect(job).toMatchObject({ summary: { inserted: 2, updated: 0, failed: 10, total: 12 } });
    const { status, body } = await api.call('GET', `/jobs/${job.id}/errors`);
    expect(status).toBe(200);
    const errors = body as { user: { user_id?: string }; errors: { code: string; message: string }[] }[];
    expect(errors.map(({ user, errors: [error] }) => [user.user_id, error?.code])).toEqual([
      ['good', 'DUPLICATED_USER'],
      ['one', 'DUPLICATED_USER'],
      [undefined, 'INVALID_FORMAT'],
      ['oauth2|other|x', 'INVALID_FORMAT'],
      ['hashed', 'INVALID_FORMAT'],
      ['typed', 'INVALID_FORMAT'],
      ['meta', 'INVALID_FORMAT'],
      ['time', 'INVALID_FORMAT'],
      ['linked', 'INVALID_FORMAT'],
      [undefined, 'INVALID_FORMAT'],
    ]);
    expect(JSON.stringify(body)).not.toContain('$2b$');
    expect(await find('oauth2|mapped|good')).toMatchObject({ email: 'good@example.com', logins_count: 0 });
  });

  test('with upsert known people are brought up to date, and keep what the file does not say', async () => {
    const row = { user_id: 'two', app_metadata: { level: 2 } };
    const job = await imported([row], { upsert: 'true' });
    expect(job).toMatchObject({ upsert: true, summary: { inserted: 0, updated: 1, failed: 0, total: 1 } });
    expect((await api.call('GET', `/jobs/${job.id}/errors`)).status).toBe(204);
    expect(await find('oauth2|mapped|two')).toMatchObject({ name: 'two', app_metadata: { level: 2 }, logins_count: 1 });
  });

  test('hundreds of rows go in step by step', async () => {
    const rows = Array.from({ length: 250 }, (_, index) => ({ user_id: `bulk-${index}`, name: `Bulk ${index}` }));
    expect(await imported(rows)).toMatchObject({ summary: { inserted: 250, failed: 0, total: 250 } });
    const { body } = await api.call('GET', `/users?q=${encodeURIComponent('name:Bulk*')}&include_totals=true`);
    expect(body).toMatchObject({ total: 250 });
  });

  test('only the bytes of a list of users are taken, and not too many (API-25)', async () => {
    const statusOf = async (parts: Readonly<Record<string, string>>, users: string | undefined) =>
      (await upload(parts, users)).status;
    const own = { connection_id: connectionId };
    expect(await statusOf(own, undefined)).toBe(400);
    expect(await statusOf({ ...own, users: '/etc/passwd' }, undefined)).toBe(400);
    expect(await statusOf(own, 'file:///etc/passwd')).toBe(400);
    expect(await statusOf(own, '{"users":[]}')).toBe(400);
    expect(await statusOf({ connection_id: 'con_none' }, '[{"user_id":"x"}]')).toBe(400);
    expect(await statusOf(own, `[{"user_id":"x","name":"${'x'.repeat(600_000)}"}]`)).toBe(413);
    for (const type of ['multipart/form-data', 'multipart/form-data; boundary=x']) {
      expect((await api.call('POST', '/jobs/users-imports', '--x--', { 'content-type': type })).status).toBe(400);
    }
    expect((await api.call('POST', '/jobs/users-imports', {})).status).toBe(400);
    const elsewhere = await api.call('POST', '/jobs/users-exports', '--x--', {
      'content-type': 'multipart/form-data; boundary=x',
    });
    expect(elsewhere.status).toBe(415);
  });

  test('a job that nobody knows is 404, and its file is for who may read users', async () => {
    expect(await api.call('GET', '/jobs/job_none')).toMatchObject({
      status: 404,
      body: { message: 'The job does not exist.', errorCode: 'inexistent_job' },
    });
    const { body } = await api.call('POST', '/jobs/users-exports', {});
    const { id } = await finished((body as JobWire).id);
    const writer = await createApi(world, 'create:users');
    expect((await writer.call('GET', `/jobs/${id}`)).body).not.toHaveProperty('location');
  });

  test('active users are those of the last thirty days', async () => {
    const { body } = await api.call('GET', '/stats/active-users');
    expect(body).toBe(4);
  });
});
