import { beforeAll, describe, expect, test } from 'vitest';
import type { ManagementDeps } from '../../src/management/deps.ts';
import { endpointsOf } from '../../src/management/management.ts';
import { scopesOf } from '../../src/management/openapi.ts';
import { createLog } from '../../src/operations/log.ts';
import { createAgent } from '../support/agent.ts';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import { authorizeUrl, postToken, signIn } from '../support/world.ts';

/*
 * API-16: texts that look alike are two, and come back as they went in; names that stand in addresses are ASCII. API-17:
 * whatever a sign-in brings along, its lines in a log are lines. Names of applications are in management.test.ts.
 */

const scopes = scopesOf(endpointsOf({} as ManagementDeps));

/** Look the same to a person, or to a database that compares kindly. */
const twins = [
  ['café', 'cafe\u0301'],
  ['paypal', 'p\u0430ypal'],
  ['ﬁne', 'fine'],
  ['Å', '\u212b'],
  ['straße', 'strasse'],
  ['İstanbul', 'istanbul'],
  ['word', 'wo\u200drd'],
  ['word', 'word\u202e'],
  ['ａdmin', 'admin'],
  ['𝒳', 'X'],
] as const;

describe.each(databases)('API-16: twins on %s', (database) => {
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
  });

  test.each(twins)('%j and %j are two APIs, two people and two values', async (one, other) => {
    const identifiers = [one, other].map((text) => `urn:${text}`);
    for (const identifier of identifiers) {
      const made = await api.call('POST', '/resource-servers', { identifier, name: 'Twin' });
      expect(made, identifier).toMatchObject({ status: 201, body: { identifier } });
      expect((await api.call('POST', '/resource-servers', { identifier, name: 'Again' })).status).toBe(409);
    }
    const listed = (await api.call('GET', '/resource-servers?per_page=100')).body as { identifier: string }[];
    expect(listed.map(({ identifier }) => identifier)).toEqual(expect.arrayContaining(identifiers));
    for (const { id, identifier } of listed as unknown as { id: string; identifier: string }[]) {
      if (identifiers.includes(identifier))
        expect((await api.call('DELETE', `/resource-servers/${id}`)).status).toBe(204);
    }

    for (const text of [one, other]) {
      getWorld().provider.signInAs({ id: text, email: 'twin@example.com', name: text });
      await signIn(getWorld());
    }
    for (const text of [one, other]) {
      const path = `/users/${encodeURIComponent(`oauth2|mapped|${text}`)}`;
      const change = { user_metadata: { [text]: text, [one]: one, [other]: other } };
      expect((await api.call('PATCH', path, change)).body).toMatchObject({
        name: text,
        user_metadata: change.user_metadata,
      });
      expect((await api.call('GET', path)).body).toMatchObject({ name: text, logins_count: 1 });
      expect((await api.call('DELETE', path)).status).toBe(204);
    }
  });
});

describe('API-16: names that stand in addresses', () => {
  const getWorld = useWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes) });

  test.each([
    'café',
    'cafe\u0301',
    'p\u0430ypal',
    'a\u200db',
    'مرحبا',
    '例え',
    'a b',
    'a/b',
    '..',
    'a\u202e',
    '𝒳',
    '\ud800',
  ])('%j is none of them', async (name) => {
    const api = await createApi(getWorld());
    const bodies = [
      ['/connections', { name, strategy: 'oauth2', options: {} }],
      ['/clients', { client_id: name, name: 'x' }],
    ] as const;
    for (const [path, body] of bodies) expect((await api.call('POST', path, body)).status, path).toBe(400);
    const key = encodeURIComponent(name.toWellFormed());
    expect((await api.call('PUT', `/rules-configs/${key}`, { value: 'x' })).status).toBe(name === '..' ? 403 : 400);
  });
});

describe('API-17: a sign-in with everything in it', () => {
  const evil = 'a\r\n{"level":"error","msg":"forged"}\u001b[2J\u0085\u2028\u0000 %0a%0dforged';
  const getWorld = useWorld({
    environment: { PORTICO_TRUST_PROXY: '127.0.0.1,::1' },
  });

  test('leaves one line of JSON for each event, without control characters, and events that say what was sent', async () => {
    const world = getWorld();
    const agent = createAgent(new Map(), { 'user-agent': '\t{"level":"error"}\t', 'x-forwarded-for': '{"a":1}' });
    const asked = { state: evil, login_hint: evil, ui_locales: evil, acr_values: evil, nonce: evil };
    world.provider.signInAs({ id: 'evil', name: evil, nickname: evil, email: `"${evil}"@example.com`, picture: evil });
    await signIn(world, asked, agent);
    await signIn(world, { ...asked, connection: 'scripted', prompt: 'login' }, agent);
    for (const parameters of [
      { client_id: evil },
      { redirect_uri: evil },
      { connection: evil },
      { response_type: evil },
    ]) {
      await agent.get(authorizeUrl(world, { ...asked, ...parameters }));
    }
    world.provider.on('authorize', ({ query }) => {
      const back = new URL(query.get('redirect_uri') ?? '');
      back.search = String(
        new URLSearchParams({ state: query.get('state') ?? '', error: evil, error_description: evil, error_uri: evil }),
      );
      return { status: 302, headers: { location: back.href } };
    });
    await agent.follow(authorizeUrl(world, { ...asked, prompt: 'login' }), 'https://app.example.com/');
    world.provider.on('authorize', undefined);
    world.provider.on('token', () => ({ status: 400, body: { error: evil, error_description: evil } }));
    await agent.follow(authorizeUrl(world, { ...asked, prompt: 'login' }), 'https://app.example.com/');
    world.provider.on('token', undefined);
    await postToken(world, { grant_type: evil, client_id: evil, client_secret: evil, code: evil });

    const lines: string[] = [];
    const log = createLog('trace', { write: (text) => lines.push(text) });
    for (const { level, fields, message } of world.broker.logs) log(level as 'info', fields, message);
    expect(lines.length).toBeGreaterThan(8);
    for (const line of lines) {
      expect(line.endsWith('\n')).toBe(true);
      expect(JSON.parse(line)).not.toMatchObject({ msg: 'forged' });
      expect([...line.slice(0, -1)].filter((character) => character < ' ')).toEqual([]);
    }
    for (const event of await world.broker.store.logs.list(100)) {
      expect(event.type).toMatch(/^[a-z_]+$/);
      expect(event.ip).toMatch(/^[\d.:a-f]+$/);
    }
  });
});
