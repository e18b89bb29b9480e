import { randomUUID } from 'node:crypto';
import { createRemoteJWKSet, decodeJwt, generateKeyPair, jwtVerify, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Agent, Answer } from '../support/agent.ts';
import { addPerson, obtainTokens, readForm, readWebMessage, silentUrl, web } from '../support/applications.ts';
import { openSite, type Site } from '../support/site.ts';
import { startWorld, type World } from '../support/world.ts';

/*
 * Signing out, as the conformance suite asks for it. Where no hint says whom an application means, the person confirms
 * on a page; the suite's person does so too.
 */

const bye = 'https://app.example.com/bye';

let application: Site;
let world: World;
beforeAll(async () => {
  application = await openSite();
  world = await startWorld({
    change(seed) {
      const [first] = seed.clients;
      if (first !== undefined) first.oidc_logout = { backchannel_logout_urls: [`${application.origin}/logout`] };
    },
  });
});
afterAll(async () => {
  await world.close();
  application.close();
});

const signedIn = async () => {
  const { agent, id_token: idToken = '' } = await obtainTokens(world, web, { login_hint: addPerson(world).id });
  return { agent, idToken };
};
const isSignedIn = async (agent: Agent): Promise<boolean> => {
  const { response } = readWebMessage((await agent.get(silentUrl(world))).body);
  if (response.code === undefined) expect(response.error).toBe('login_required');
  return response.code !== undefined;
};
const signOut = (agent: Agent, query: Readonly<Record<string, string>>): Promise<Answer> =>
  agent.get(`${world.broker.url('oidc/logout')}?${new URLSearchParams(query)}`);
const discover = async (): Promise<Record<string, unknown>> =>
  (await fetch(world.broker.url('.well-known/openid-configuration'))).json() as never;

/** A page that asks; once it is confirmed, a page that says that it is done, and nothing leads away. */
async function confirms(agent: Agent, query: Readonly<Record<string, string>>): Promise<void> {
  const page = await signOut(agent, query);
  expect({ status: page.status, location: page.location }).toEqual({ status: 200, location: undefined });
  const { action, fields } = readForm(page.body);
  const done = await agent.post(action, { ...fields });
  expect({ status: done.status, location: done.location }).toEqual({ status: 200, location: undefined });
  expect(done.body).not.toContain('http-equiv="refresh"');
  expect(await isSignedIn(agent)).toBe(false);
}

/** A page with an error: the person stays signed in, and is not sent away. */
async function refuses(query: (idToken: string) => Readonly<Record<string, string>> | Promise<Record<string, string>>) {
  const { agent, idToken } = await signedIn();
  const answer = await signOut(agent, await query(idToken));
  expect({ status: answer.status, location: answer.location }).toEqual({ status: 400, location: undefined });
  expect(answer.body).not.toContain('http-equiv="refresh"');
  expect(await isSignedIn(agent)).toBe(true);
}

describe('oidcc-rp-initiated-logout-certification-test-plan', () => {
  test('oidcc-rp-initiated-logout-discovery-endpoint-verification', async () => {
    expect(await discover()).toMatchObject({ end_session_endpoint: world.broker.url('oidc/logout') });
  });

  test('oidcc-rp-initiated-logout', async () => {
    const { agent, idToken } = await signedIn();
    const answer = await signOut(agent, { id_token_hint: idToken, post_logout_redirect_uri: bye, state: 'state-1' });
    expect(answer).toMatchObject({ status: 303, location: `${bye}?state=state-1` });
    expect(await isSignedIn(agent)).toBe(false);
  });

  test('oidcc-rp-initiated-logout-no-state', async () => {
    const { agent, idToken } = await signedIn();
    const answer = await signOut(agent, { id_token_hint: idToken, post_logout_redirect_uri: bye });
    expect(answer).toMatchObject({ status: 303, location: bye });
    expect(await isSignedIn(agent)).toBe(false);
  });

  test('oidcc-rp-initiated-logout-no-params', async () => {
    await confirms((await signedIn()).agent, {});
  });

  test('oidcc-rp-initiated-logout-only-state', async () => {
    await confirms((await signedIn()).agent, { state: 'state-1' });
  });

  test('oidcc-rp-initiated-logout-no-post-logout-redirect-uri', async () => {
    const { agent, idToken } = await signedIn();
    const answer = await signOut(agent, { id_token_hint: idToken, state: 'state-1' });
    expect({ status: answer.status, location: answer.location }).toEqual({ status: 200, location: undefined });
    expect(await isSignedIn(agent)).toBe(false);
  });

  test('oidcc-rp-initiated-logout-bad-post-logout-redirect-uri', () =>
    refuses((idToken) => ({ id_token_hint: idToken, post_logout_redirect_uri: `${bye}/${randomUUID()}` })));

  test('oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri', () =>
    refuses((idToken) => ({ id_token_hint: idToken, post_logout_redirect_uri: `${bye}?foo=bar` })));

  test('oidcc-rp-initiated-logout-no-id-token-hint', () => refuses(() => ({ post_logout_redirect_uri: bye })));

  test('oidcc-rp-initiated-logout-modified-id-token-hint', () =>
    refuses((idToken) => ({
      id_token_hint: new UnsecuredJWT(decodeJwt(idToken)).encode(),
      post_logout_redirect_uri: bye,
    })));

  test('oidcc-rp-initiated-logout-bad-id-token-hint', () =>
    refuses(async (idToken) => {
      const { privateKey } = await generateKeyPair('RS256');
      const foreign = new SignJWT(decodeJwt(idToken)).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
      return { id_token_hint: await foreign, post_logout_redirect_uri: bye };
    }));
});

describe('oidcc-backchannel-rp-initiated-logout-certification-test-plan', () => {
  test('oidcc-backchannel-logout-discovery-endpoint-verification', async () => {
    expect(await discover()).toMatchObject({
      end_session_endpoint: world.broker.url('oidc/logout'),
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    });
  });

  test('oidcc-backchannel-rp-initiated-logout', async () => {
    const { agent, idToken } = await signedIn();
    const before = application.posted.length;
    expect((await signOut(agent, { id_token_hint: idToken, post_logout_redirect_uri: bye })).location).toBe(bye);
    await vi.waitFor(() => expect(application.posted.length).toBe(before + 1), { timeout: 10_000 });
    const posted = application.posted[before];
    expect(posted?.path).toBe('/logout');
    const keys = createRemoteJWKSet(new URL(world.broker.url('.well-known/jwks.json')));
    const expected = { issuer: world.broker.issuerUrl, audience: 'web', typ: 'logout+jwt', algorithms: ['RS256'] };
    const { payload } = await jwtVerify(posted?.fields.logout_token ?? '', keys, expected);
    const { sub, sid } = decodeJwt(idToken);
    expect(payload).toMatchObject({ sub, sid, iat: expect.any(Number), jti: expect.any(String) });
    expect(payload.events).toEqual({ 'http://schemas.openid.net/event/backchannel-logout': {} });
    expect(payload).not.toHaveProperty('nonce');
  });
});
