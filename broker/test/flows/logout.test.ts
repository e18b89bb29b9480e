import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { type Agent, createAgent } from '../support/agent.ts';
import {
  addPerson,
  obtainTokens,
  readForm,
  readHandoff,
  readWebMessage,
  silentUrl,
  web,
} from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';

const bye = 'https://app.example.com/bye';
const byeWithQuery = 'https://app.example.com/bye?from=portico';
const tenantBye = 'https://www.example.com/signed-out';

describe.each(databases)('signing out on %s', (database) => {
  const getWorld = useWorld(
    {
      change(seed) {
        seed.tenant.allowed_logout_urls = [tenantBye];
        seed.clients[0]?.allowed_logout_urls?.push(byeWithQuery);
      },
    },
    database,
  );

  const signedIn = async () => {
    const person = addPerson(getWorld());
    const { agent, id_token: idToken = '' } = await obtainTokens(getWorld(), web, { login_hint: person.id });
    return { agent, idToken };
  };
  const isSignedIn = async (agent: Agent) => {
    const { response } = readWebMessage((await agent.get(silentUrl(getWorld()))).body);
    return response.code !== undefined;
  };
  const address = (path: string, query: Record<string, string>) =>
    `${getWorld().broker.url(path)}?${new URLSearchParams(query)}`;

  describe('/v2/logout', () => {
    test('ends the session for every application and returns to a listed address', async () => {
      const { agent } = await signedIn();
      const stolen = createAgent(new Map(agent.cookies));
      expect(await isSignedIn(agent)).toBe(true);
      const answer = await agent.get(address('v2/logout', { client_id: 'web', returnTo: bye }));
      expect(answer).toMatchObject({ status: 302, location: bye });
      expect(await isSignedIn(agent)).toBe(false);
      // The cookie is gone, and a copy of it opens nothing either.
      expect(await isSignedIn(stolen)).toBe(false);
    });

    test('the query and hash of returnTo do not count, and travel along', async () => {
      const { agent } = await signedIn();
      const returnTo = `${bye}?reason=mine&x=1#part`;
      const answer = await agent.get(address('v2/logout', { client_id: 'web', returnTo }));
      expect(answer.headers.location).toBe(returnTo);
    });

    test.each([
      ["an address of another client's list", { client_id: 'web', returnTo: 'https://spa.example.com' }],
      ["the tenant's list, where a client is named", { client_id: 'web', returnTo: tenantBye }],
      ["a client's list, where none is named", { returnTo: bye }],
      ['a longer path', { client_id: 'web', returnTo: `${bye}/more` }],
      ['another host', { client_id: 'web', returnTo: 'https://app.example.com.evil.example/bye' }],
      ['a user name before the host', { client_id: 'web', returnTo: 'https://app.example.com@evil.example/bye' }],
      ['an unknown client', { client_id: 'nobody', returnTo: bye }],
    ])('refuses %s with a page, and nobody is signed out', async (_, query) => {
      const { agent } = await signedIn();
      const answer = await agent.get(address('v2/logout', query as Record<string, string>));
      expect({ status: answer.status, location: answer.location }).toEqual({ status: 400, location: undefined });
      expect(answer.body).toContain('Allowed Logout URLs');
      expect(await isSignedIn(agent)).toBe(true);
    });

    test.each(['client_id', 'returnTo'])('a repeated %s is a page (DN-03), and nobody is signed out', async (name) => {
      const { agent } = await signedIn();
      const url = address('v2/logout', { client_id: 'web', returnTo: bye });
      const other = { client_id: 'spa', returnTo: 'https://spa.example.com' }[name] ?? '';
      for (const repeated of [other, name === 'client_id' ? 'web' : bye]) {
        const answer = await agent.get(`${url}&${name}=${encodeURIComponent(repeated)}`);
        expect({ status: answer.status, location: answer.location }).toEqual({ status: 400, location: undefined });
      }
      expect(await isSignedIn(agent)).toBe(true);
    });

    test("without a client the tenant's list counts", async () => {
      const { agent } = await signedIn();
      expect(await agent.get(address('v2/logout', { returnTo: tenantBye }))).toMatchObject({
        status: 302,
        location: tenantBye,
      });
      expect(await isSignedIn(agent)).toBe(false);
    });

    test("without returnTo it goes to the client's first address, or says that it is done", async () => {
      const { agent } = await signedIn();
      expect((await agent.get(address('v2/logout', { client_id: 'web' }))).location).toBe(bye);
      const other = await signedIn();
      const page = await other.agent.get(getWorld().broker.url('v2/logout'));
      expect(page).toMatchObject({ status: 200, location: undefined });
      expect(await isSignedIn(other.agent)).toBe(false);
    });
  });

  describe('/oidc/logout', () => {
    test('with the ID token of the session it ends it and returns with the state', async () => {
      const { agent, idToken } = await signedIn();
      const answer = await agent.get(
        address('oidc/logout', { id_token_hint: idToken, post_logout_redirect_uri: byeWithQuery, state: 'a b&c' }),
      );
      expect(answer.status).toBe(303);
      expect(Object.fromEntries(new URL(answer.location ?? '').searchParams)).toEqual({
        from: 'portico',
        state: 'a b&c',
      });
      expect(answer.location?.startsWith(bye)).toBe(true);
      expect(await isSignedIn(agent)).toBe(false);
    });

    test('an expired ID token is still a hint (RP-Initiated Logout 1.0 §2)', async () => {
      const { agent, idToken } = await signedIn();
      getWorld().broker.clock.advance(40_000);
      const answer = await agent.get(address('oidc/logout', { id_token_hint: idToken, post_logout_redirect_uri: bye }));
      expect(answer).toMatchObject({ status: 303, location: bye });
      expect(await isSignedIn(agent)).toBe(false);
    });

    test('logout_hint with the session id ends it too', async () => {
      const { agent, idToken } = await signedIn();
      const { sid } = decodeJwt(idToken);
      const answer = await agent.get(
        address('oidc/logout', { client_id: 'web', logout_hint: String(sid), post_logout_redirect_uri: bye }),
      );
      expect(answer).toMatchObject({ status: 303, location: bye });
      expect(await isSignedIn(agent)).toBe(false);
    });

    test('by POST as by GET', async () => {
      const { agent, idToken } = await signedIn();
      const answer = await agent.post(getWorld().broker.url('oidc/logout'), {
        id_token_hint: idToken,
        post_logout_redirect_uri: bye,
      });
      expect(answer).toMatchObject({ status: 303, location: bye });
      expect(await isSignedIn(agent)).toBe(false);
    });

    test('without a hint the person confirms first; the form signs out and leads on', async () => {
      const { agent } = await signedIn();
      const query = { client_id: 'web', post_logout_redirect_uri: bye, state: 's-1' };
      const page = await agent.get(address('oidc/logout', query));
      expect({ status: page.status, location: page.location }).toEqual({ status: 200, location: undefined });
      expect(await isSignedIn(agent)).toBe(true);
      const form = readForm(page.body);
      expect(form.action).toBe(getWorld().broker.url('oidc/logout'));
      const done = await agent.post(form.action, { ...form.fields });
      expect(readHandoff(done.body)).toBe(`${bye}?state=s-1`);
      expect(await isSignedIn(agent)).toBe(false);
    });

    test("the confirmation of one person's page does not sign out another", async () => {
      const attacker = await signedIn();
      const victim = await signedIn();
      const { fields } = readForm((await attacker.agent.get(getWorld().broker.url('oidc/logout'))).body);
      const answer = await victim.agent.post(getWorld().broker.url('oidc/logout'), { ...fields });
      expect(readForm(answer.body).fields.confirmation).not.toBe(fields.confirmation);
      expect(await isSignedIn(victim.agent)).toBe(true);
    });

    test('the ID token of another person does not end the session: this one is asked', async () => {
      const { agent } = await signedIn();
      const other = await signedIn();
      const answer = await agent.get(
        address('oidc/logout', { id_token_hint: other.idToken, post_logout_redirect_uri: bye }),
      );
      expect(answer.status).toBe(200);
      expect(answer.body).toContain('Sign out?');
      expect(await isSignedIn(agent)).toBe(true);
    });

    test.each([
      ['a changed hint', (idToken: string) => ({ id_token_hint: `${idToken.slice(0, -4)}AAAA` })],
      [
        'a hint for another client than the one named',
        (idToken: string) => ({ id_token_hint: idToken, client_id: 'spa' }),
      ],
      ['an unlisted address', () => ({ client_id: 'web', post_logout_redirect_uri: 'https://evil.example/' })],
      ['a listed address with another query', () => ({ client_id: 'web', post_logout_redirect_uri: `${bye}?from=me` })],
      ['an address without client', () => ({ post_logout_redirect_uri: bye })],
      ['an unknown client', () => ({ client_id: 'nobody' })],
    ])('refuses %s with a page, and nobody is signed out', async (_, makeQuery) => {
      const { agent, idToken } = await signedIn();
      const answer = await agent.get(address('oidc/logout', makeQuery(idToken) as Record<string, string>));
      expect({ status: answer.status, location: answer.location }).toEqual({ status: 400, location: undefined });
      expect(await isSignedIn(agent)).toBe(true);
    });

    test('an access token is no hint', async () => {
      const { agent } = await signedIn();
      const { access_token: accessToken } = await obtainTokens(getWorld(), web, {
        audience: 'https://api.example.com/',
      });
      expect((await agent.get(address('oidc/logout', { id_token_hint: accessToken }))).status).toBe(400);
    });

    test('without a session it returns at once, or says that it is done', async () => {
      const agent = createAgent();
      const answer = await agent.get(
        address('oidc/logout', { client_id: 'web', post_logout_redirect_uri: bye, state: 's-2' }),
      );
      expect(answer).toMatchObject({ status: 303, location: `${bye}?state=s-2` });
      expect((await agent.get(getWorld().broker.url('oidc/logout'))).body).toContain('You are signed out');
    });
  });
});
