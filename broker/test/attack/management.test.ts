import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { request } from 'undici';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ManagementDeps } from '../../src/management/deps.ts';
import { endpointsOf } from '../../src/management/management.ts';
import { scopesOf } from '../../src/management/openapi.ts';
import { createLog } from '../../src/operations/log.ts';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, type ApiAnswer, addAdmin, adminSecret, apiWith, createApi } from '../support/management.ts';
import { machineSecret, signIn, webSecret } from '../support/world.ts';

/* security-cases: the Management API, by name. What is generated from every schema is in ../management/. */

const endpoints = endpointsOf({} as ManagementDeps);
const scopes = scopesOf(endpoints);
const rank = ({ method }: { readonly method: string }) => (method === 'GET' ? 0 : 1);
const bodyOf = (answer: ApiAnswer) => answer.body as Record<string, unknown>;

describe.each(databases)('the Management API on %s', (database) => {
  const getWorld = useWorld(
    {
      change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes),
      environment: { PORTICO_MANAGEMENT_RATE: '0' },
    },
    database,
  );
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
    await signIn(getWorld());
  });

  test('API-03: secrets are in no answer to a token without the scopes for them, whatever fields are asked for', async () => {
    const { store } = getWorld().broker;
    const settings = await store.tenant.find();
    if (settings === undefined) throw new Error('the tenant has settings');
    await store.write(store.tenant.put({ ...settings, hasConnectionOptionsWithoutScopes: false }));
    const kept = scopes.filter((scope) => !/_keys$|_options$|client_credentials$|user_idp_tokens$/.test(scope));
    const reader = await createApi(getWorld(), kept.join(' '));
    const ids = [
      ...(await store.clients.list()).map(({ id }) => id),
      ...(await store.connections.list()).map(({ id }) => id),
      ...(await store.clientGrants.list()).map(({ id }) => id),
      ...(await store.resourceServers.list()).map(({ id }) => id),
    ];
    const paths = endpoints
      .filter(({ method, base }) => method === 'GET' && base === undefined)
      .flatMap(({ path }) => (path.includes(':') ? ids.map((id) => path.replace(/:\w+/, id)) : [path]));
    const queries = [
      '',
      '?fields=client_secret,options,signing_secret&include_fields=true',
      '?fields=name&include_fields=false',
    ];
    let found = 0;
    for (const path of paths) {
      for (const query of queries) {
        const answer = await reader.call('GET', `${path.replace(/:\w+/g, 'x')}${query}`);
        if (answer.status === 200) found += 1;
        const text = JSON.stringify(answer.body ?? '');
        for (const secret of [webSecret, machineSecret, adminSecret, 'provider-secret', 'upstream-access-token']) {
          expect(text, `${path}${query}`).not.toContain(secret);
        }
        expect(text, `${path}${query}`).not.toMatch(
          /"(client_secret|signing_secret|access_token|refresh_token)":"(?!\[)/,
        );
      }
    }
    expect(found).toBeGreaterThan(30);
    await store.write(store.tenant.put(settings));
  }, 60_000);

  test.each(["' or '1'='1", '";--', '\\', '%', '_', "x'; drop table clients; --"])(
    'API-15: %j finds and changes nothing that it does not name',
    async (hostile) => {
      const { store } = getWorld().broker;
      const before = (await store.clients.list()).length;
      const at = encodeURIComponent(hostile);
      const named = endpoints.filter(
        ({ path, base }) => path.includes(':') && base === undefined && !path.startsWith('/rules-configs'),
      );
      // Looks first: what is changed in a name leaves a line in the log of that name.
      for (const { method, path } of [...named].sort((left, right) => rank(left) - rank(right))) {
        const answer = await api.call(method, path.replace(/:\w+/g, at), method === 'GET' ? undefined : {});
        expect(answer.status, `${method} ${path}`).toBeLessThan(500);
        const found = method === 'GET' && answer.status === 200 ? JSON.stringify(answer.body) : '[]';
        expect(found, `${method} ${path}`).toContain('[]');
      }
      expect(bodyOf(await api.call('GET', `/grants?user_id=${at}&include_totals=true`))).toMatchObject({ total: 0 });
      expect(bodyOf(await api.call('GET', `/client-grants?audience=${at}&include_totals=true`))).toMatchObject({
        total: 0,
      });
      const made = await api.call('POST', '/clients', { name: hostile });
      expect(bodyOf(made)).toMatchObject({ name: hostile });
      expect((await store.clients.list()).length).toBe(before + 1);
      expect((await api.call('DELETE', `/clients/${bodyOf(made).client_id}`)).status).toBe(204);
    },
  );

  test('API-15, API-16: what no database can store exactly is refused, in a body and in an address', async () => {
    for (const name of ['a\\u0000b', 'half \\ud800 of one', 'half \\udc00']) {
      const answer = await api.call('POST', '/clients', `{"name":"${name}"}`);
      expect(answer, name).toMatchObject({ status: 400, body: { errorCode: 'invalid_body' } });
    }
    expect((await api.call('POST', '/clients', '{"name":"x","client_metadata":{"a\\u0000":"b"}}')).status).toBe(400);
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const answer = await api.call(method, '/clients/%00', method === 'PATCH' ? {} : undefined);
      expect(answer, method).toMatchObject({ status: 400, body: { errorCode: 'invalid_uri' } });
    }
  });

  test.each([
    'مرحبا \u202e reversed',
    'zero\u200dwidth\u200b',
    'cafe\u0301 and caf\u00e9',
    '𝒳 🎉 👩‍👩‍👧',
    'аpple with a Cyrillic а',
    '\u0001\u001b[31mred\u0007',
  ])('API-16: %j is stored exactly, and lists go on', async (name) => {
    const made = bodyOf(await api.call('POST', '/clients', { name }));
    expect(bodyOf(await api.call('GET', `/clients/${made.client_id}`)).name).toBe(name);
    expect(JSON.stringify((await api.call('GET', '/clients?per_page=100')).body)).toContain(JSON.stringify(name));
    expect((await api.call('DELETE', `/clients/${made.client_id}`)).status).toBe(204);
  });

  test.each([
    'per_page=1000000000',
    'per_page=-1',
    'per_page=1e3',
    'page=9007199254740992',
    'page=-1',
    'per_page=5&per_page=6',
    'page[]=1',
    'take=0',
    'take=101',
    'from=forged',
    'from=%00',
    'from=Li4vLi4vZXRjL3Bhc3N3ZA',
  ])('API-07: %s is refused or gives at most a hundred, on every list', async (query) => {
    for (const { path, method } of endpoints) {
      if (method !== 'GET' || path.includes(':')) continue;
      const answer = await api.call('GET', `${path}?${query}`);
      expect([200, 400], `${path}?${query}`).toContain(answer.status);
      const lists = [answer.body, ...Object.values(bodyOf(answer))].filter((value) => Array.isArray(value));
      for (const list of lists) expect(list.length).toBeLessThanOrEqual(100);
    }
  });
});

describe('the Management API', () => {
  const getWorld = useWorld({
    change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes),
    environment: { PORTICO_MANAGEMENT_RATE: '0' },
  });
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });

  /** The path as it is: other clients tidy it up first. */
  const raw = (method: string, path: string, headers: Readonly<Record<string, string>> = {}) =>
    new Promise<{ status: number; body: string; headers: Readonly<Record<string, unknown>> }>((resolve, reject) => {
      const { port } = getWorld().broker;
      const sent = httpRequest({ host: 'localhost', port, method, path, headers }, (answer) => {
        let body = '';
        answer.on('data', (chunk) => {
          body += String(chunk);
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body, headers: answer.headers }));
      });
      sent.on('error', reject).end();
    });

  test.each([
    '//api//v2/clients',
    '/api//v2/clients',
    '/api/v2//clients',
    '/api/v2/%2e%2e/v2/clients',
    '/api/v2/../v2/clients',
    '/x/../api/v2/clients',
    '/api/v2/clients;a=b',
    '/api/v2/clients;',
    '/api/v2/clients/',
    '/api/v2/clients%00',
    '/api/v2/clients%2f',
    '/API/V2/CLIENTS',
    '/api/v1/clients',
    '/api/v3/clients',
    '/api/v2%2fclients',
    '/api%2fv2/clients',
    '/api/v2\\clients',
    'http://localhost/api/v2/clients',
  ])('API-05: %s opens nothing without a token, or with one that may not', async (path) => {
    const weak = await createApi(getWorld(), 'read:stats');
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'get', 'TRACE', 'PROPFIND']) {
      for (const headers of [{}, { authorization: `Bearer ${weak.token}` }]) {
        const { status, body } = await raw(method, path, headers);
        expect([400, 401, 403, 404, 405, 415, 501], `${method} ${path}`).toContain(status);
        expect(body).not.toContain('client_id');
      }
    }
  });

  test.each([
    ['x-original-url', '/api/v2/clients'],
    ['x-rewrite-url', '/api/v2/clients'],
    ['x-forwarded-prefix', '/api/v2'],
    ['x-http-method-override', 'GET'],
    ['x-forwarded-for', '127.0.0.1'],
  ])('API-05: the header %s leads nowhere else', async (name, value) => {
    const { status, body } = await raw('GET', '/healthz', { [name]: value });
    expect([status, body.includes('client_id')]).toEqual([200, false]);
    expect((await raw('GET', '/api/v2/clients', { [name]: value })).status).toBe(401);
  });

  test.each(['x-http-method-override', 'x-http-method', 'x-method-override'])(
    'API-05: %s does not make a deletion of a look',
    async (name) => {
      const reader = await createApi(getWorld(), 'read:clients');
      expect((await reader.call('GET', '/clients/web', undefined, { [name]: 'DELETE' })).status).toBe(200);
      expect((await api.call('POST', '/clients/web?_method=DELETE')).status).toBe(403);
      expect((await api.call('GET', '/clients/web')).status).toBe(200);
    },
  );

  test.each([
    ['a body of two megabytes', `{"name":"${'x'.repeat(2_000_000)}"}`, [413]],
    ['a hundred thousand lists in each other', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, [400]],
    ['objects in each other', `${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`, [400]],
    ['__proto__', '{"name":"x","__proto__":{"is_first_party":false}}', [400]],
    ['constructor', '{"name":"x","constructor":{"prototype":{"x":1}}}', [400]],
    ['no JSON', '{"name":', [400]],
    ['a list', '[]', [400]],
    ['null', 'null', [400]],
    ['text', '"name"', [400]],
    ['a number that is none', '{"name":NaN}', [400]],
    [
      'ten thousand unknown fields',
      JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, n]))),
      [400],
    ],
  ])('API-08: %s is refused, and nothing is made', async (_, body, statuses) => {
    const before = await getWorld().broker.store.clients.list();
    const answer = await api.call('POST', '/clients', body);
    expect(statuses).toContain(answer.status);
    expect(JSON.stringify(answer.body).length).toBeLessThan(5_000);
    expect(await getWorld().broker.store.clients.list()).toEqual(before);
    expect(({} as Record<string, unknown>).is_first_party).toBeUndefined();
  });

  test('API-01: who may change metadata alone changes nothing else of a person, not even beside it', async () => {
    await signIn(getWorld());
    const path = `/users/${encodeURIComponent('oauth2|mapped|user-1')}`;
    const weak = await createApi(getWorld(), 'update:users_app_metadata');
    const before = (await api.call('GET', path)).body;
    for (const more of [{ blocked: true }, { email_verified: true }, { name: 'x' }, { user_metadata: { a: 1 } }]) {
      const answer = await weak.call('PATCH', path, { app_metadata: { plan: 'gold' }, ...more });
      expect(answer, Object.keys(more).join()).toMatchObject({
        status: 403,
        body: { errorCode: 'insufficient_scope' },
      });
    }
    for (const name of ['user_id', 'identities', 'tenant_id', 'created_at', 'last_ip', 'logins_count']) {
      const answer = await api.call('PATCH', path, { app_metadata: { plan: 'gold' }, [name]: 'x' });
      expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining(`not allowed: ${name}`) } });
    }
    expect((await api.call('GET', path)).body).toEqual(before);
    expect((await weak.call('PATCH', path, { app_metadata: { plan: 'gold' } })).status).toBe(200);
  });

  test('API-08: metadata in which any field may stand is taken as deep as anybody means it, and no deeper', async () => {
    await signIn(getWorld());
    const path = `/users/${encodeURIComponent('oauth2|mapped|user-1')}`;
    const nested = (depth: number) => `{"user_metadata":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;
    expect((await api.call('PATCH', path, nested(50))).status).toBe(200);
    for (const depth of [100, 1_000, 10_000, 100_000]) {
      expect(await api.call('PATCH', path, nested(depth)), String(depth)).toMatchObject({ status: 400 });
    }
  });

  test('API-08: of a field that comes twice one counts, and it is the one that was checked', async () => {
    const answer = await api.call(
      'POST',
      '/clients',
      '{"name":"first","app_type":"evil","app_type":"spa","name":"second"}',
    );
    expect(answer).toMatchObject({ status: 201, body: { name: 'second', app_type: 'spa' } });
    expect((await api.call('POST', '/clients', '{"name":"x","app_type":"spa","app_type":"evil"}')).status).toBe(400);
  });

  test.each([
    ['text/plain', '{"name":"x"}'],
    ['application/xml', '<name>x</name>'],
    ['multipart/form-data; boundary=x', '--x--'],
  ])('API-08: %s is no way in', async (type, body) => {
    expect([400, 415]).toContain((await api.call('POST', '/clients', body, { 'content-type': type })).status);
  });

  test.each([
    [
      'both lengths',
      'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/v2/clients HTTP/1.1\r\n\r\n',
    ],
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}'],
    ['a length that is none', 'Content-Length: -1\r\n\r\n{}'],
    ['a chunk that is none', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n'],
    ['a folded header', 'X-A: b\r\n c: d\r\nContent-Length : 2\r\n\r\n{}'],
  ])('API-08: a request with %s is refused, and the connection ends', async (_, rest) => {
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(getWorld().broker.port, 'localhost');
      let received = '';
      socket.on('data', (chunk) => {
        received += String(chunk);
      });
      socket.on('error', reject).on('close', () => resolve(received));
      socket.write(
        `POST /api/v2/clients HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${api.token}\r\nContent-Type: application/json\r\n${rest}`,
      );
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  test.each([
    ['a name with a space', { 'X A': 'b' }],
    ['a line in a value', { 'X-A': 'b\r\nHost: evil.example' }],
    ['a line in a name', { 'X-A\r\nHost': 'evil.example' }],
    ['a name of HTTP/2', { ':authority': 'evil.example' }],
    ['64 KiB', { 'X-A': 'x'.repeat(65_536) }],
    ['an object', { 'X-A': { b: 1 } }],
    ['Host', { Host: 'evil.example' }],
    ['Content-Length', { 'Content-Length': '5' }],
    ['Transfer-Encoding', { 'Transfer-Encoding': 'chunked' }],
    ['Connection', { connection: 'upgrade' }],
    ['Cookie', { Cookie: 'a=b' }],
    ['Proxy-Authorization', { 'Proxy-Authorization': 'x' }],
  ])('API-09: custom headers with %s are refused, and the answer names the field', async (_, customHeaders) => {
    const answer = await api.call('POST', '/connections', {
      name: 'headers',
      strategy: 'oauth2',
      options: { customHeaders },
    });
    expect(answer.status).toBe(400);
    expect(bodyOf(answer).message).toContain('options.customHeaders');
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    '//evil.example/a',
    '/relative',
    'https://user:pass@provider.example/a',
    'https://provider.example/a#b',
    `https://provider.example/${'a'.repeat(10_000)}`,
    'https:\\\\provider.example\\a',
    'https://provider.example/\u0000',
    'https://provider.example/a b',
    '',
    'https://',
  ])('API-10: %j is no address of a provider', async (url) => {
    for (const name of [
      'authorizationURL',
      'tokenURL',
      'userInfoURL',
      'logoutUrl',
      'icon_url',
      'discovery_url',
      'jwks_uri',
    ]) {
      const options = { client_id: 'x', [name]: url };
      const answer = await api.call('POST', '/connections', { name: 'address', strategy: 'oauth2', options });
      // An empty text takes an address back, as in the dashboard of Auth0.
      if (url === '' && answer.status === 201) {
        await api.call('DELETE', `/connections/${bodyOf(answer).id}`);
        continue;
      }
      expect(answer.status, `${name} ${url.slice(0, 50)}`).toBe(400);
    }
  });

  test.each([
    ['nothing', undefined],
    ['Bearer', 'Bearer'],
    ['Bearer and a space', 'Bearer '],
    ['broken escapes', 'Bearer %E0%A4%A'],
    ['Basic without a colon', `Basic ${Buffer.from('admin').toString('base64')}`],
    ['Basic that is no base64', 'Basic ???'],
    ['three dots', 'Bearer ...'],
    ['parts of nothing', 'Bearer a.b.c'],
    ['a list of tokens', 'Bearer a.b.c, Bearer d.e.f'],
    ['half of a token', 'Bearer eyJhbGciOiJSUzI1NiJ9.e30'],
    ['no signature', 'Bearer eyJhbGciOiJub25lIn0.e30.'],
    ['lines', 'Bearer a.b.c\t\t'],
    ['14 KiB', `Bearer ${'a'.repeat(14_000)}.b.c`],
  ])('API-12: an authorization of %s is refused without a failure of ours', async (_, authorization) => {
    const before = getWorld().broker.logs.length;
    const answer = await request(getWorld().broker.url('api/v2/clients'), {
      headers: authorization === undefined ? {} : { authorization },
    });
    await answer.body.dump();
    expect([400, 401, 431]).toContain(answer.statusCode);
    expect(
      getWorld()
        .broker.logs.slice(before)
        .filter(({ level }) => level === 'error'),
    ).toEqual([]);
  });

  const secondHeader = () => `Authorization: Bearer ${api.token}`;
  test.each([
    ['twice, the good one second', () => `Authorization: Bearer a.b.c\r\n${secondHeader()}`, 401],
    ['twice, the good one first', () => `${secondHeader()}\r\nAuthorization: Bearer a.b.c`, undefined],
    ['with a NUL', () => `Authorization: Bearer a\u0000.b.c`, 400],
    ['with a line of its own', () => `Authorization: Bearer a\n.b.c`, 400],
    ['with a letter beyond Latin', () => `Authorization: Bearer \u4f8b.b.c`, 401],
    ['of a megabyte', () => `Authorization: Bearer ${'a'.repeat(1_000_000)}`, 431],
  ])('API-12: an authorization %s is no failure of ours', async (_, header, status) => {
    const before = getWorld().broker.logs.length;
    const text = await new Promise<string>((resolve) => {
      const socket = connect(getWorld().broker.port, 'localhost');
      let received = '';
      socket.on('data', (chunk) => {
        received += String(chunk);
      });
      socket.on('error', () => socket.destroy()).on('close', () => resolve(received));
      socket.write(`GET /api/v2/clients HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${header()}\r\n\r\n`);
    });
    // Of two, the first counts, as Node.js has it; a megabyte may end the connection before it is answered.
    if (status === undefined) expect(text).toMatch(/^HTTP\/1\.1 (200|400|401) /);
    else expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} |^$`));
    if (text === '') expect(status).toBe(431);
    expect(
      getWorld()
        .broker.logs.slice(before)
        .filter(({ level }) => level === 'error'),
    ).toEqual([]);
  });

  test('API-12: a token in a query or a cookie is none', async () => {
    const { status } = await apiWith(getWorld(), 'a.b.c').call('GET', `/clients?access_token=${api.token}`);
    expect(status).toBe(401);
    const cookie = await raw('GET', '/api/v2/clients', { cookie: `access_token=${api.token}` });
    expect(cookie.status).toBe(401);
  });

  test('API-17: whatever is in names, addresses and headers, an event is one line of JSON without control characters', async () => {
    const evil = 'a\r\n{"level":"error","message":"forged"}\u001b[2J\u0085\u2028';
    await api.call('POST', '/clients', { name: evil });
    await api.call('GET', `/clients/${encodeURIComponent(evil)}%0aforged`);
    await raw('GET', '/api/v2/clients/%0d%0aforged', { 'user-agent': '\t{"level":"error"}\t' });
    const lines: string[] = [];
    const log = createLog('trace', { write: (text) => lines.push(text) });
    const { logs } = getWorld().broker;
    for (const { level, fields, message } of logs) log(level as 'info', fields, message);
    expect(lines).toHaveLength(logs.length);
    for (const line of lines) {
      expect(line.endsWith('\n')).toBe(true);
      expect(JSON.parse(line)).toHaveProperty('level');
      expect([...line.slice(0, -1)].filter((character) => character < ' ')).toEqual([]);
    }
  });

  test.each([
    'null',
    'https://evil-app.example.com',
    'https://app.example.com',
    'https://app.example.com.evil.example',
    'https://appXexample.com',
  ])('API-24: pages of %s read nothing here, and are promised nothing', async (origin) => {
    const seen = await api.call('GET', '/clients', undefined, { origin });
    const preflight = await raw('OPTIONS', '/api/v2/clients', {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    });
    for (const headers of [seen.headers, preflight.headers]) {
      expect(headers['access-control-allow-origin']).toBeUndefined();
      expect(headers['access-control-allow-credentials']).toBeUndefined();
    }
    const open = await raw('GET', '/api/v2/openapi.json', { origin });
    expect(open.headers).toMatchObject({ 'access-control-allow-origin': '*' });
    expect(open.headers['access-control-allow-credentials']).toBeUndefined();
  });
});
