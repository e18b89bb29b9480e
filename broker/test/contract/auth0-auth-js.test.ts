import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  AuthClient,
  TokenByClientCredentialsError,
  TokenByCodeError,
  TokenByRefreshTokenError,
} from '@auth0/auth0-auth-js';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Agent, createAgent } from '../support/agent.ts';
import {
  brokenAnswer,
  brokenConnection,
  clientId,
  clientSecret,
  confirmSignOut,
  connection,
  failureOf,
  subject,
  useContract,
} from '../support/contract.ts';
import { fromFetch, type ServerApp, serveApp } from '../support/server-app.ts';
import { audience, machineSecret } from '../support/world.ts';

/* `@auth0/auth0-auth-js`, the core of Auth0's newer server libraries: a domain, and https to it. */

const getWorld = useContract({
  isSecure: true,
  client: (app) => ({ oidc_logout: { backchannel_logout_urls: [`${app}/signed-out`] } }),
});

/** What is posted to the application when a session of its people has ended. */
let application: ServerApp;
const logoutTokens: string[] = [];

beforeAll(async () => {
  application = await serveApp(
    getWorld().appPort,
    fromFetch(async (request) => {
      logoutTokens.push(String((await request.formData()).get('logout_token')));
      return new Response();
    }),
  );
});
afterAll(() => application?.close());

const createClient = (options: Partial<ConstructorParameters<typeof AuthClient>[0]> = {}): AuthClient =>
  new AuthClient({ domain: getWorld().domain, clientId, clientSecret, ...options });

/** The application's callback, as the browser is sent there. */
async function signIn(client: AuthClient, given: Record<string, string> = {}, agent: Agent = createAgent()) {
  const { callback } = getWorld();
  const { authorizationUrl, codeVerifier } = await client.buildAuthorizationUrl({
    authorizationParams: {
      redirect_uri: callback,
      scope: 'openid profile email offline_access',
      audience,
      connection,
      ...given,
    },
  });
  const { location } = await agent.follow(authorizationUrl.href, callback);
  return { url: new URL(location ?? ''), codeVerifier };
}

test('sign-in: the ID token verifies against our keys, and userinfo takes the access token', async () => {
  const client = createClient();
  const { url, codeVerifier } = await signIn(client);
  const tokens = await client.getTokenByCode(url, { codeVerifier });
  expect(tokens.claims).toMatchObject({ sub: subject, aud: clientId, iss: getWorld().issuer, name: 'Ada Lovelace' });
  expect(tokens.scope?.split(' ')).toContain('offline_access');
  expect(await client.getUserInfo({ accessToken: tokens.accessToken })).toMatchObject({ sub: subject });
});

test('a refresh token gets new tokens, until it is revoked', async () => {
  const client = createClient();
  const { url, codeVerifier } = await signIn(client);
  const { refreshToken = '' } = await client.getTokenByCode(url, { codeVerifier });
  const renewed = await client.getTokenByRefreshToken({ refreshToken });
  expect(renewed.claims).toMatchObject({ sub: subject });
  await client.revokeToken({ token: refreshToken });
  const failure = await failureOf(client.getTokenByRefreshToken({ refreshToken }));
  expect(failure).toBeInstanceOf(TokenByRefreshTokenError);
  expect(failure).toMatchObject({
    cause: { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' },
  });
});

test('a machine gets a token for an API', async () => {
  const client = createClient({ clientId: 'machine', clientSecret: machineSecret });
  expect((await client.getTokenByClientCredentials({ audience })).scope).toBe('read:shows');
  const failure = await failureOf(client.getTokenByClientCredentials({ audience: 'https://nowhere.example.com/' }));
  expect(failure).toBeInstanceOf(TokenByClientCredentialsError);
  expect(failure).toMatchObject({
    statusCode: 403,
    cause: { error: 'access_denied', error_description: 'Service not found: https://nowhere.example.com/' },
  });
});

test('a failed sign-in and a used code are the error of the library', async () => {
  const client = createClient();
  const broken = await signIn(client, { connection: brokenConnection });
  const failure = await failureOf(client.getTokenByCode(broken.url, broken));
  expect(failure).toBeInstanceOf(TokenByCodeError);
  expect(failure).toMatchObject({
    cause: { error: brokenAnswer.error, error_description: brokenAnswer.description },
  });
  const { url, codeVerifier } = await signIn(client);
  await client.getTokenByCode(url, { codeVerifier });
  expect(await failureOf(client.getTokenByCode(url, { codeVerifier }))).toMatchObject({
    cause: { error: 'invalid_grant', error_description: 'Invalid authorization code' },
  });
});

test('a pushed request: the browser carries nothing but its name', async () => {
  const client = createClient();
  const { callback } = getWorld();
  const { authorizationUrl, codeVerifier } = await client.buildAuthorizationUrl({
    pushedAuthorizationRequests: true,
    authorizationParams: { redirect_uri: callback, scope: 'openid', connection },
  });
  expect([...authorizationUrl.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
  const { location } = await createAgent().follow(authorizationUrl.href, callback);
  const tokens = await client.getTokenByCode(new URL(location ?? ''), { codeVerifier });
  expect(tokens.claims).toMatchObject({ sub: subject });
});

test('the logout address that it builds has no hint: the person confirms, then the session ends everywhere', async () => {
  const { app } = getWorld();
  const client = createClient();
  const agent = createAgent();
  const { url, codeVerifier } = await signIn(client, {}, agent);
  const { claims } = await client.getTokenByCode(url, { codeVerifier });
  expect(await confirmSignOut(agent, await client.buildLogoutUrl({ returnTo: app }))).toBe(`${app}/`);
  const silent = await signIn(client, { prompt: 'none' }, agent);
  expect(silent.url.searchParams.get('error')).toBe('login_required');
  await vi.waitUntil(() => logoutTokens.length > 0, { timeout: 15_000 });
  const verified = await client.verifyLogoutToken({ logoutToken: logoutTokens[0] ?? '' });
  expect(verified).toMatchObject({ sid: claims?.sid, sub: subject });
});

test('a Node.js program trusts the broker with NODE_EXTRA_CA_CERTS, and not without', async () => {
  const { domain, authorityFile } = getWorld();
  const program = `
    import { AuthClient } from '@auth0/auth0-auth-js';
    const client = new AuthClient(${JSON.stringify({ domain, clientId, clientSecret })});
    const { issuer } = await client.getServerMetadata();
    console.log(issuer);
  `;
  const run = (env: Record<string, string>) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: import.meta.dirname,
      env: { PATH: process.env.PATH, ...env },
    });
  const { stdout } = await run({ NODE_EXTRA_CA_CERTS: authorityFile });
  expect(stdout.trim()).toBe(getWorld().issuer);
  expect(await failureOf(run({}))).toMatchObject({ code: 1 });
});
