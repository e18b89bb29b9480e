import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databases, useWorld } from '../support/databases.ts';
import { finishedJob, type JobWire } from '../support/jobs.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';

/*
 * API-25: an import takes the bytes that were sent and nothing else, row by row, and a row takes nothing that is ours.
 */

const boundary = '----formdata-attack-012345678901';

describe.each(databases)('API-25: a file of users on %s', (database) => {
  const getWorld = useWorld(
    {
      change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['read:users', 'create:users', 'read:connections']),
      environment: { PORTICO_MANAGEMENT_RATE: '0' },
    },
    database,
  );
  let api: Api;
  let connectionId: string;
  let asked = 0;
  const canary = createServer((_request, response) => {
    asked += 1;
    response.end('[{"user_id":"fetched"}]');
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
    api = await createApi(getWorld());
    [{ id: connectionId }] = (await api.call('GET', '/connections?name=mapped')).body as [{ id: string }];
  });
  afterAll(() => canary.close());
  const url = () => `http://127.0.0.1:${(canary.address() as AddressInfo).port}/users.json`;

  /** As it is put on the wire, since libraries tidy names up. */
  function send(disposition: string, content: string, headers = 'Content-Type: application/json') {
    const part = (head: string, body: string) =>
      `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
    const file = `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${headers}\r\n\r\n${content}\r\n`;
    const body = `${part('name="connection_id"', connectionId)}${file}--${boundary}--\r\n`;
    return api.call('POST', '/jobs/users-imports', body, {
      'content-type': `multipart/form-data; boundary=${boundary}`,
    });
  }
  async function imported(rows: readonly unknown[] | string) {
    const content = typeof rows === 'string' ? rows : JSON.stringify(rows);
    const answer = await send('name="users"; filename="users.json"', content);
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    const { id } = answer.body as JobWire;
    await finishedJob(api, id);
    return { id, errors: (await api.call('GET', `/jobs/${id}/errors`)).body };
  }
  const find = async (id: string) => await api.call('GET', `/users/${encodeURIComponent(`oauth2|mapped|${id}`)}`);

  test.each([
    '/etc/passwd',
    '../../../../etc/passwd',
    'file:///etc/passwd',
    'php://filter/convert.base64-encode/resource=/etc/passwd',
    'data://text/plain;base64,W10=',
    'http://169.254.169.254/latest/meta-data/',
    'URL',
    '\\\\server\\share\\users.json',
    'a\u0000.json',
    '%2e%2e%2fusers.json',
    '$(touch /tmp/owned).json',
  ])('of the name %j is what was sent', async (name) => {
    const filename = name === 'URL' ? url() : name;
    const id = `sent-${Buffer.from(filename).toString('hex')}`;
    const answer = await send(`name="users"; filename="${filename}"`, JSON.stringify([{ user_id: id }]));
    // A name that no form may have is no form; any other is not looked at.
    if (answer.status === 400) return expect((await find(id)).status).toBe(404);
    expect(answer.status).toBe(202);
    await finishedJob(api, (answer.body as JobWire).id);
    expect((await find(id)).status).toBe(200);
    expect(asked).toBe(0);
  });

  test('is never fetched, whatever it says', async () => {
    for (const content of [url(), JSON.stringify({ url: url() }), JSON.stringify(url()), `@${url()}`, '@/etc/passwd']) {
      expect((await send('name="users"; filename="users.json"', content)).status, content).toBe(400);
      expect((await send('name="users"', content, `Content-Location: ${url()}`)).status, content).toBe(400);
    }
    expect(asked).toBe(0);
  });

  test.each([
    ['not JSON', '[{"user_id":"x"}'],
    ['an object that is no user', '{"users":[{"user_id":"x"}]}'],
    ['nothing', ''],
    ['null', 'null'],
    ['lines of something else', '{"user_id":"x"}\nuser_id: y'],
  ])('with %s in it is refused', async (_, content) => {
    const answer = await send('name="users"; filename="users.json"', content);
    expect(answer).toMatchObject({ status: 400, body: { statusCode: 400 } });
    expect((await find('x')).status).toBe(404);
  });

  test('with hostile rows takes the good ones, and nothing that is ours from the others', async () => {
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    const rows = `[${[
      '{"user_id":"good"}',
      '{"user_id":"proto","__proto__":{"polluted":true},"user_metadata":{"__proto__":{"polluted":true}}}',
      '{"user_id":"constructor","constructor":{"prototype":{"polluted":true}}}',
      '"text"',
      'null',
      '[]',
      '{"user_id":{"$ne":1}}',
      '{"user_id":"oauth2|other|x"}',
      '{"user_id":"auth0|x"}',
      '{"user_id":"a\\u0000b"}',
      '{"user_id":"half\\ud800"}',
      `{"user_id":"${'x'.repeat(5_000)}"}`,
      `{"user_id":"deep","app_metadata":${deep}}`,
      `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      '{"user_id":"ours","sealedTokenset":"x","isBlocked":false,"tenant":"x","logins_count":-5}',
      '{"user_id":"twice"},{"user_id":"twice"}',
    ].join(',')}]`;
    const { errors } = await imported(rows);
    expect((await find('good')).status).toBe(200);
    expect((await find('twice')).body).toMatchObject({ logins_count: 0 });
    for (const id of ['ours', 'a\u0000b', 'deep']) expect((await find(id)).status, id).not.toBe(200);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    // A name like another: kept with the person, and nobody else's.
    const proto = await getWorld().broker.store.users.find('oauth2|mapped|proto' as never);
    for (const kept of [proto, proto?.attributes, proto?.userMetadata]) {
      expect(Object.getPrototypeOf(kept ?? {})).toBe(Object.prototype);
    }
    expect((errors as readonly unknown[]).length).toBeGreaterThan(8);
  });

  test.each([
    { password_hash: '$2b$10$w4kfaZVjrcQ6ZOMiG.M8JeNvnVQkPKZV03pbDUHbxy9Ug0h/McDXi' },
    { password_hash: `$2b$31$${'a'.repeat(53)}` },
    { password_hash: { $gt: '' } },
    { password_hash: 'x'.repeat(10_000) },
    { custom_password_hash: { algorithm: 'md5', hash: { value: 'x', encoding: 'hex' } } },
    { custom_password_hash: { algorithm: 'pbkdf2', hash: { value: '$pbkdf2-sha512$i=999999999,l=64$x$y' } } },
    { custom_password_hash: { algorithm: 'argon2', hash: { value: '$argon2id$v=19$m=4294967295,t=99999,p=255$x$y' } } },
    {
      custom_password_hash: { algorithm: 'scrypt', hash: { value: 'x' }, salt: { value: '__proto__' }, cost: 2 ** 31 },
    },
    { custom_password_hash: 'file:///etc/shadow' },
    { multifactor: [{ totp: { secret: 'x' } }] },
  ])('with %j takes no password, computes nothing with it and repeats it nowhere', async (hash) => {
    const id = `hash-${Buffer.from(JSON.stringify(hash)).toString('hex').slice(0, 60)}`;
    const { errors } = await imported([{ user_id: id, ...hash }]);
    const shown = JSON.stringify([(await find(id)).body, errors ?? []]);
    expect(shown).not.toMatch(/\$2b\$|pbkdf2-sha|argon2id|x{100}|totp|etc\/shadow/);
    const stored = await getWorld().broker.store.users.find(`oauth2|mapped|${id}` as never);
    expect(JSON.stringify(stored ?? {})).not.toMatch(/\$2b\$|pbkdf2-sha|argon2id|x{100}|totp|etc\/shadow/);
  });
});
