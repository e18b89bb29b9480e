import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

/* npm packages that Actions and Rules require, each put to a real use. */

let world: SandboxWorld;
let asked: string[] = [];
beforeAll(async () => {
  world = await startSandboxWorld(
    (request, response, body) => {
      const { method, url, headers } = request;
      asked.push(`${method} ${url} ${headers.authorization ?? ''} ${body}`);
      response.setHeader('content-type', 'application/json');
      if (url === '/oauth/token') response.end('{"access_token":"at","expires_in":60,"token_type":"Bearer"}');
      else if (url?.startsWith('/api/v2/users/none')) response.writeHead(404).end('{"message":"not there"}');
      else response.end(url?.includes('-by-email') ? '[{"user_id":"u"}]' : '{"user_id":"u"}');
    },
    { memoryMb: 64, cpuMs: 4000 },
  );
});
afterAll(() => world.close());

const run = (body: string) =>
  world.run(`async function (accessToken, ctx, cb) { const at = '${world.origin}'; ${body} }`);
const value = async (body: string) => {
  const { outcome } = await run(body);
  if (!outcome.ok) throw new Error(`${outcome.message}\n${'stack' in outcome ? outcome.stack : ''}`);
  return outcome.value;
};

const uses: [name: string, body: string, told: unknown][] = [
  [
    'timers/promises, and promisified timers',
    `const t = require('node:timers/promises'), { promisify } = require('util'), control = new AbortController();
    const late = t.setTimeout(5000, 'late', { signal: control.signal }).catch((e) => e.name); control.abort();
    const fn = () => {}; fn[promisify.custom] = async () => 'own';
    cb(null, { one: await t.setTimeout(2, 1), late: await late, two: await promisify(setTimeout)(2, 2), now: await t.setImmediate(3), own: await promisify(fn)() })`,
    { one: 1, late: 'AbortError', two: 2, now: 3, own: 'own' },
  ],
  [
    'events.once',
    `const E = require('events'), e = new E(); setTimeout(() => e.emit('x', 1, 2), 1); const got = await E.once(e, 'x'); setTimeout(() => e.emit('error', new Error('no')), 1); cb(null, { got, failed: await E.once(e, 'y').catch((f) => f.message), left: e.listenerCount('y') })`,
    { got: [1, 2], failed: 'no', left: 0 },
  ],
  [
    'moment',
    `cb(null, { it: require('moment@2.11.2').utc('2026-01-31T10:00:00Z').add(1, 'month').format('YYYY-MM-DD') })`,
    { it: '2026-02-28' },
  ],
  [
    'async',
    `require('async').series([(done) => setTimeout(() => done(null, 1), 2), (done) => done(null, 2)], (e, all) => cb(e, { all }))`,
    { all: [1, 2] },
  ],
  [
    'extend',
    `cb(null, require('extend')(true, {}, { a: { b: 1 } }, JSON.parse('{"a":{"c":2}}')))`,
    { a: { b: 1, c: 2 } },
  ],
  [
    'bcryptjs, also as bcrypt',
    `const b = require('bcrypt'); cb(null, { it: await b.compare('pw', await b.hash('pw', 4)), not: b.compareSync('other', b.hashSync('pw', 4)), one: b === require('bcryptjs') })`,
    { it: true, not: false, one: true },
  ],
];
test.each(uses)('%s', async (_name, body, told) => {
  expect(await value(body)).toEqual(told);
});

test('bcrypt is another package, and a note says so', async () => {
  const { consoleLines } = await run(`require('bcrypt'); cb(null, {})`);
  expect(consoleLines.map((line) => line.text)).toEqual([
    expect.stringMatching(/^require\('bcrypt'\) gave bcryptjs \d+\.\d+\.\d+\.$/),
  ]);
});

test("auth0's ManagementClient gets its token, and reads and changes people", async () => {
  asked = [];
  const told = await value(`
    const { ManagementClient } = require('auth0@4');
    // The client speaks https only; the server of this test does not.
    const toServer = (url, init) => fetch(url.replace('https://tenant.example', at), init);
    const management = new ManagementClient({ domain: 'tenant.example', clientId: 'id', clientSecret: 'secret', fetch: toServer });
    const one = await management.users.get({ id: 'oauth2|x|1' });
    const found = await management.usersByEmail.getByEmail({ email: 'ada@a.example' });
    await management.users.update({ id: 'u' }, { app_metadata: { plan: 'gold' } });
    const failed = await management.users.get({ id: 'none' }).catch((e) => e.statusCode);
    cb(null, { one: one.data, found: found.data, failed })`);
  expect(told).toEqual({ one: { user_id: 'u' }, found: [{ user_id: 'u' }], failed: 404 });
  expect(asked).toEqual([
    expect.stringMatching(/^POST \/oauth\/token {2}.*client_id=id.*grant_type=client_credentials/),
    'GET /api/v2/users/oauth2%7Cx%7C1 Bearer at ',
    'GET /api/v2/users-by-email?email=ada%40a.example Bearer at ',
    'PATCH /api/v2/users/u Bearer at {"app_metadata":{"plan":"gold"}}',
    'GET /api/v2/users/none Bearer at ',
  ]);
});
