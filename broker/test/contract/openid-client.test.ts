import { generateKeyPairSync } from 'node:crypto';
import * as oidc from 'openid-client';
import { describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { readForm, readHandoff } from '../support/applications.ts';
import {
  brokenAnswer,
  brokenConnection,
  clientId,
  clientSecret,
  connection,
  failureOf,
  subject,
  useContract,
} from '../support/contract.ts';
import { audience, machineSecret } from '../support/world.ts';

/* `openid-client`, certified by the OpenID Foundation: what it refuses is not OpenID Connect. */

const getWorld = useContract({ isSecure: true });

const discover = (authentication?: oidc.ClientAuth, id = clientId): Promise<oidc.Configuration> =>
  oidc.discovery(new URL(getWorld().issuer), id, clientSecret, authentication);

type Asked = { readonly config: oidc.Configuration; readonly parameters?: Record<string, string> };

async function authorize({ config, parameters = {} }: Asked, agent = createAgent()) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: getWorld().callback,
    scope: 'openid profile email offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    connection,
    ...parameters,
  });
  const answer = await agent.follow(url.href, getWorld().callback);
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  return { agent, answer, checks, url: new URL(answer.location ?? 'missing:') };
}

async function signIn(asked: Asked) {
  const { url, checks, agent } = await authorize(asked);
  return { agent, tokens: await oidc.authorizationCodeGrant(asked.config, url, checks) };
}

describe.each([
  ['client_secret_basic', oidc.ClientSecretBasic(clientSecret)],
  ['client_secret_post', oidc.ClientSecretPost(clientSecret)],
])('with %s', (_, authentication) => {
  test('sign-in, userinfo of the same subject, and a renewal', async () => {
    const config = await discover(authentication);
    const { tokens } = await signIn({ config });
    expect(tokens.claims()).toMatchObject({ sub: subject, aud: clientId });
    expect(await oidc.fetchUserInfo(config, tokens.access_token, subject)).toMatchObject({ name: 'Ada Lovelace' });
    const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(renewed.claims()).toMatchObject({ sub: subject });
  });
});

test('the hybrid flow: hashes of code and state hold', async () => {
  const config = await discover();
  oidc.useCodeIdTokenResponseType(config);
  const { url, checks } = await authorize({ config });
  expect((await oidc.authorizationCodeGrant(config, url, checks)).claims()).toMatchObject({ sub: subject });
});

test('the implicit flow: an ID token alone', async () => {
  const config = await discover();
  oidc.useIdTokenResponseType(config);
  const { url, checks } = await authorize({ config });
  const claims = await oidc.implicitAuthentication(config, url, checks.expectedNonce, {
    expectedState: checks.expectedState,
  });
  expect(claims).toMatchObject({ sub: subject });
});

test('the answer as a posted form', async () => {
  const config = await discover();
  const { answer, checks } = await authorize({ config, parameters: { response_mode: 'form_post' } });
  const { action, fields } = readForm(answer.body);
  const posted = new Request(action, { method: 'POST', body: new URLSearchParams(fields) });
  expect((await oidc.authorizationCodeGrant(config, posted, checks)).claims()).toMatchObject({ sub: subject });
});

test("a machine's token, and the end of a refresh token", async () => {
  const machine = await discover(oidc.ClientSecretPost(machineSecret), 'machine');
  expect((await oidc.clientCredentialsGrant(machine, { audience })).scope).toBe('read:shows');
  const config = await discover();
  const { tokens } = await signIn({ config });
  await oidc.tokenRevocation(config, tokens.refresh_token ?? '');
  const failure = await failureOf(oidc.refreshTokenGrant(config, tokens.refresh_token ?? ''));
  expect(failure).toBeInstanceOf(oidc.ResponseBodyError);
  expect(failure).toMatchObject({
    status: 403,
    error: 'invalid_grant',
    error_description: 'Unknown or invalid refresh token.',
  });
});

describe('an application with a key in place of a secret', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const credentials = [{ credential_type: 'public_key' as const, name: 'its key', alg: 'RS256' as const, pem }];
  const getOther = useContract({
    isSecure: true,
    client: { client_authentication_methods: { private_key_jwt: { credentials } } },
  });

  test('pushes its request, and its tokens are bound to a key of the moment', async () => {
    const { issuer, callback, broker } = getOther();
    const der = privateKey.export({ format: 'der', type: 'pkcs8' });
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('pkcs8', new Uint8Array(der), algorithm, false, ['sign']);
    const config = await oidc.discovery(new URL(issuer), clientId, {}, oidc.PrivateKeyJwt(key));
    const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
    const url = await oidc.buildAuthorizationUrlWithPAR(
      config,
      {
        redirect_uri: callback,
        scope: 'openid profile offline_access',
        code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
        connection,
      },
      { DPoP },
    );
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    const { location } = await createAgent().follow(url.href, callback);
    const checks = { pkceCodeVerifier, idTokenExpected: true };
    const tokens = await oidc.authorizationCodeGrant(config, new URL(location ?? ''), checks, undefined, { DPoP });
    expect(tokens.claims()).toMatchObject({ sub: subject });
    const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP });
    expect(renewed.token_type).toBe('dpop');
    expect(await oidc.fetchUserInfo(config, renewed.access_token, subject, { DPoP })).toMatchObject({ sub: subject });
    const headers = { authorization: `Bearer ${renewed.access_token}` };
    expect((await fetch(broker.url('userinfo'), { headers })).status).toBe(401);
  });
});

test('errors are those of the library', async () => {
  const config = await discover();
  const { url, checks } = await authorize({ config, parameters: { connection: brokenConnection } });
  const failure = await failureOf(oidc.authorizationCodeGrant(config, url, checks));
  expect(failure).toBeInstanceOf(oidc.AuthorizationResponseError);
  expect(failure).toMatchObject({ error: brokenAnswer.error, error_description: brokenAnswer.description });
});

test('sign-out with the ID token as a hint asks nothing', async () => {
  const config = await discover();
  const { tokens, agent } = await signIn({ config });
  const url = oidc.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token ?? '',
    post_logout_redirect_uri: getWorld().app,
    state: 'gone',
  });
  const answer = await agent.follow(url.href, getWorld().app);
  expect(answer.location ?? readHandoff(answer.body)).toBe(`${getWorld().app}/?state=gone`);
});
