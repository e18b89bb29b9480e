import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { addPerson, obtainTokens, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, addAdmin, apiWith, createApi } from '../support/management.ts';
import { spaCallback } from '../support/world.ts';

/* What a person may do at the Management API with a token of their own. */

const everything =
  'openid read:current_user update:current_user_metadata update:current_user_identities read:users update:users read:clients';

describe.each(databases)('a person at the Management API, on %s', (database) => {
  const getWorld = useWorld(
    { change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['read:users', 'update:users']) },
    database,
  );
  let admin: Api;
  beforeAll(async () => {
    admin = await createApi(getWorld());
  });

  const signedIn = async (connection = 'mapped', scope = everything) => {
    const person = addPerson(getWorld());
    const audience = getWorld().broker.url('api/v2/');
    const parameters = { login_hint: person.id, connection, audience, scope };
    const tokens = await obtainTokens(getWorld(), web, parameters);
    const { sub } = decodeJwt(String(tokens.id_token));
    return { api: apiWith(getWorld(), String(tokens.access_token)), id: String(sub), tokens };
  };
  const pathOf = (id: string) => `/users/${encodeURIComponent(id)}`;

  test('gets scopes for their own record and no others, whatever was asked for', async () => {
    const { tokens } = await signedIn();
    expect(tokens.scope).toBe('openid read:current_user update:current_user_metadata update:current_user_identities');
  });

  test('create:current_user_metadata, Auth0’s other name for it, is for metadata too, and for nothing else', async () => {
    const { api, id, tokens } = await signedIn('mapped', 'openid create:current_user_metadata');
    expect(tokens.scope).toBe('openid create:current_user_metadata');
    expect((await api.call('PATCH', pathOf(id), { user_metadata: { colour: 'red' } })).status).toBe(200);
    expect((await api.call('PATCH', pathOf(id), { app_metadata: {} })).status).toBe(403);
    expect((await api.call('GET', pathOf(id))).status).toBe(403);
  });

  test('reads and changes their own record, and nobody else’s', async () => {
    const [one, other] = [await signedIn(), await signedIn()];
    expect(await one.api.call('GET', pathOf(one.id))).toMatchObject({ status: 200, body: { user_id: one.id } });
    expect((await one.api.call('PATCH', pathOf(one.id), { user_metadata: { colour: 'blue' } })).status).toBe(200);
    expect((await one.api.call('PATCH', pathOf(one.id), { app_metadata: { role: 'admin' } })).status).toBe(403);
    const refusal = { status: 403, body: { message: 'User to be acted on does not match subject in bearer token.' } };
    expect(await one.api.call('GET', pathOf(other.id))).toMatchObject(refusal);
    expect(await one.api.call('PATCH', pathOf(other.id), { user_metadata: {} })).toMatchObject(refusal);
    expect((await one.api.call('GET', '/users')).status).toBe(403);
    expect((await one.api.call('GET', '/clients')).status).toBe(403);
  });

  test('API-24: calls from a page of an application, whose origin is known, and from no other page', async () => {
    const { api, id } = await signedIn();
    const path = pathOf(id);
    const preflight = async (origin: string, address: string) => {
      const headers = {
        origin,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization',
      };
      const answer = await fetch(getWorld().broker.url(`api/v2${address}`), { method: 'OPTIONS', headers });
      return Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith('access-control-')));
    };
    const allowed = await preflight(spaCallback, path);
    expect(allowed['access-control-allow-origin']).toBe(spaCallback);
    expect(allowed['access-control-allow-methods']?.split(', ').sort()).toEqual(['DELETE', 'GET', 'PATCH']);
    expect(allowed['access-control-allow-headers']).toContain('authorization');
    const changed = await api.call('PATCH', path, { user_metadata: { a: 1 } }, { origin: spaCallback });
    expect(changed.headers['access-control-allow-origin']).toBe(spaCallback);
    // What is refused is read too, before and after its body.
    const refused = await apiWith(getWorld(), 'a.b.c').call('GET', path, undefined, { origin: spaCallback });
    const wrong = await api.call('PATCH', path, { nothing: 1 }, { origin: spaCallback });
    for (const { status, headers } of [refused, wrong]) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(headers['access-control-allow-origin']).toBe(spaCallback);
    }
    for (const [origin, address] of [
      ['https://evil.example', path],
      [spaCallback, '/users'],
      [spaCallback, '/clients'],
      [spaCallback, `${path}/logs`],
    ] as const) {
      expect(await preflight(origin, address)).toEqual({});
    }
    const elsewhere = await api.call('GET', path, undefined, { origin: 'https://evil.example' });
    expect(elsewhere.headers['access-control-allow-origin']).toBeUndefined();
    expect(elsewhere.headers['access-control-allow-credentials']).toBeUndefined();
  });

  test('AC-11 links another account with proof of it only: its id alone takes nothing over', async () => {
    const [one, victim] = [await signedIn(), await signedIn('scripted')];
    const [provider, ...rest] = victim.id.split('|');
    const byId = { provider, user_id: rest.join('|') };
    expect(await one.api.call('POST', `${pathOf(one.id)}/identities`, byId)).toMatchObject({
      status: 403,
      body: { message: 'Insufficient scope, expected any of: update:users' },
    });
    expect((await admin.call('GET', pathOf(victim.id))).status).toBe(200);
    const refusal = { status: 400, body: { errorCode: 'invalid_body' } };
    for (const notProof of [String(victim.tokens.access_token), 'a.b.c', `${victim.tokens.id_token}x`]) {
      const answer = await one.api.call('POST', `${pathOf(one.id)}/identities`, { link_with: notProof });
      expect(answer).toMatchObject(refusal);
    }
    expect(
      (await victim.api.call('POST', `${pathOf(one.id)}/identities`, { link_with: String(one.tokens.id_token) }))
        .status,
    ).toBe(403);
    const linked = await one.api.call('POST', `${pathOf(one.id)}/identities`, {
      link_with: String(victim.tokens.id_token),
    });
    expect(linked.status).toBe(201);
    expect((await admin.call('GET', pathOf(victim.id))).status).toBe(404);
  });

  test('is refused from the moment they are blocked or gone', async () => {
    const one = await signedIn();
    await admin.call('PATCH', pathOf(one.id), { blocked: true });
    expect((await one.api.call('GET', pathOf(one.id))).status).toBe(401);
  });
});
