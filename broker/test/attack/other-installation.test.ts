import { generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ManagementDeps } from '../../src/management/deps.ts';
import { endpointsOf } from '../../src/management/management.ts';
import { scopesOf } from '../../src/management/openapi.ts';
import { type Api, type ApiAnswer, addAdmin, apiWith, createApi } from '../support/management.ts';
import { audience, postToken, signIn, startWorld, type World } from '../support/world.ts';

/*
 * API-04: an installation is one tenant, so that nothing can be asked for across tenants. What stands for it here is a
 * neighbour: another installation with a database and keys of its own, the same seed and so the same names and ids of
 * applications. Its tokens open no endpoint of ours, its ids find nothing, and no word about a tenant leads to it.
 */

const endpoints = endpointsOf({} as ManagementDeps);
const canary = 'only-at-the-neighbour';

describe('API-04: a neighbour', () => {
  let ours: World;
  let neighbour: World;
  let api: Api;
  let theirs: Api;
  beforeAll(async () => {
    const start = () =>
      startWorld({
        change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopesOf(endpoints)),
        environment: { PORTICO_MANAGEMENT_RATE: '0' },
      });
    [ours, neighbour] = await Promise.all([start(), start()]);
    [api, theirs] = await Promise.all([createApi(ours), createApi(neighbour)]);
    await Promise.all([signIn(ours), signIn(neighbour)]);
    for (const [path, body] of made) expect((await theirs.call('POST', path, body)).status, path).toBe(201);
    const [user] = (await theirs.call('GET', '/users')).body as { user_id: string }[];
    await theirs.call('PATCH', `/users/${encodeURIComponent(user?.user_id ?? '')}`, { user_metadata: { canary } });
    await theirs.call('PATCH', '/clients/web', { description: canary });
  });
  afterAll(() => Promise.all([ours?.close(), neighbour?.close()]));

  const made: readonly (readonly [string, object])[] = [
    ['/clients', { name: canary }],
    ['/connections', { name: canary, strategy: 'oauth2', options: { client_id: canary } }],
    ['/resource-servers', { identifier: `https://${canary}.example/`, name: canary }],
    ['/client-grants', { client_id: 'web', audience, scope: ['read:shows'] }],
    [
      '/actions/actions',
      {
        name: canary,
        supported_triggers: [{ id: 'post-login', version: 'v3' }],
        code: `exports.onExecutePostLogin = async () => { '${canary}' };`,
      },
    ],
    ['/rules', { name: canary, script: `function (user, context, callback) { callback(null, user, context); }` }],
  ];
  // Looking leaves lines in the log of what was looked at, and counts.
  const lists = endpoints
    .filter(({ method, path, base }) => method === 'GET' && !path.includes(':') && base === undefined)
    .filter(({ path }) => !/^\/(logs|stats)/.test(path));
  const named = endpoints.filter(({ path, base }) => path.includes(':') && base === undefined);
  const everything = async (of: Api): Promise<string> =>
    JSON.stringify(await Promise.all(lists.map(async ({ path }) => (await of.call('GET', path)).body)));
  const idsOf = async (of: Api): Promise<string[]> => {
    const found = (await everything(of)).matchAll(/"(?:id|\w+_id)":"([^"]+)"/g);
    return [...new Set([...found].map(([, id = '']) => id))];
  };
  const isNothing = ({ status, body }: ApiAnswer) =>
    status >= 400 || body === undefined || /^\{\}$|\[\]/.test(JSON.stringify(body));

  test('has something everywhere, and we have none of it', async () => {
    expect((await everything(theirs)).split(canary).length).toBeGreaterThan(7);
    expect((await everything(api)).includes(canary)).toBe(false);
  });

  test('opens no endpoint with its tokens', async () => {
    for (const { method, path } of endpoints) {
      const filled = path.replace(/:\w+/g, 'web');
      const answer = await apiWith(ours, theirs.token).call(method, filled, method === 'GET' ? undefined : {});
      expect(answer, `${method} ${path}`).toMatchObject({ status: 401, body: { error: 'Unauthorized' } });
      expect(JSON.stringify(answer.body), `${method} ${path}`).not.toMatch(/web|localhost/);
    }
  });

  test.each([
    ['of our issuer, but for another API', {}],
    ['of the neighbour’s issuer, for us', { iss: 'theirs' }],
    ['for both', { aud: 'both' }],
    ['with our key’s name and a key of its own', { key: 'theirs' }],
  ] as const)('opens nothing with a token %s', async (_, how) => {
    const [head = '', body = ''] = api.token.split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    const write = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const form = { grant_type: 'client_credentials', client_id: 'machine', client_secret: 'machine-secret-0123456789' };
    const elsewhere = String((await postToken(ours, { ...form, audience })).body.access_token);
    const claims = {
      ...read(body),
      ...('iss' in how ? { iss: neighbour.broker.issuerUrl } : {}),
      ...('aud' in how ? { aud: [neighbour.broker.url('api/v2/'), ours.broker.url('api/v2/')] } : {}),
    };
    const input = `${head}.${write(claims)}`;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const signature = sign('sha256', Buffer.from(input), privateKey).toString('base64url');
    const token = Object.keys(how).length === 0 ? elsewhere : `${input}.${signature}`;
    for (const { method, path } of endpoints) {
      const { status } = await apiWith(ours, token).call(method, path.replace(/:\w+/g, 'web'));
      expect(status, `${method} ${path}`).toBe(401);
    }
  });

  async function expectNothing({ method, path }: (typeof named)[number], at: string): Promise<void> {
    const filled = path.replace(/:\w+/g, at);
    const answer = await api.call(method, filled, method === 'GET' || method === 'DELETE' ? undefined : {});
    const text = `${method} ${filled} answered ${answer.status} ${JSON.stringify(answer.body)}`;
    expect(answer.status < 500 && isNothing(answer), text).toBe(true);
    expect(text.replaceAll(filled, '')).not.toContain(canary);
  }

  test('is not found by its ids, on any endpoint, and nothing of it changes', async () => {
    const known = new Set(await idsOf(api));
    const ids = (await idsOf(theirs)).filter((id) => !known.has(id));
    expect(ids.length).toBeGreaterThan(8);
    const before = await everything(theirs);
    // Looks first: a change of what is not there leaves a line of ours in its log.
    for (const isLook of [true, false]) {
      const tried = named.filter(({ method }) => (method === 'GET') === isLook);
      for (const id of ids) await Promise.all(tried.map((endpoint) => expectNothing(endpoint, encodeURIComponent(id))));
    }
    expect((await everything(theirs)) === before).toBe(true);
  });

  test.each([
    { 'auth0-tenant': canary },
    { 'x-tenant': canary },
    { 'x-forwarded-host': 'neighbour.example' },
    { host: 'neighbour.example' },
  ])('is not reached by the words %j', async (headers) => {
    for (const query of ['', `?tenant=${canary}`, `?tenant_id=${canary}`]) {
      const answer = await api.call('GET', `/clients${query}`, undefined, { ...headers });
      expect([200, 400]).toContain(answer.status);
      expect(JSON.stringify(answer.body)).not.toContain(`"${canary}"`);
      expect(JSON.stringify(answer.body)).not.toContain('neighbour.example');
    }
  });
});
