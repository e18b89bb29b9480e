import { AuthApiError, AuthenticationClient, UserInfoClient } from 'auth0';
import { expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import {
  brokenConnection,
  clientId,
  clientSecret,
  connection,
  failureOf,
  subject,
  useContract,
} from '../support/contract.ts';
import { audience, authorizeUrl, createPkce, machineSecret } from '../support/world.ts';

/* `auth0` 4, whose `AuthenticationClient` many programs still use; later versions have the Management API only. */

const getWorld = useContract({ isSecure: true });

const createClient = (id = clientId, secret = clientSecret): AuthenticationClient =>
  new AuthenticationClient({ domain: getWorld().domain, clientId: id, clientSecret: secret });

async function authorize(parameters: Record<string, string> = {}) {
  const { verifier, challenge } = createPkce();
  const { callback } = getWorld();
  const url = authorizeUrl(getWorld(), {
    client_id: clientId,
    redirect_uri: callback,
    scope: 'openid profile email offline_access',
    connection,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...parameters,
  });
  const { location } = await createAgent().follow(url, callback);
  const answer = new URL(location ?? 'missing:').searchParams;
  return { answer, grant: { code: answer.get('code') ?? '', redirect_uri: callback, code_verifier: verifier } };
}

test('sign-in with PKCE, userinfo, a renewal', async () => {
  const client = createClient();
  const { grant } = await authorize();
  const { data: tokens } = await client.oauth.authorizationCodeGrantWithPKCE(grant);
  const userinfo = new UserInfoClient({ domain: getWorld().domain });
  expect((await userinfo.getUserInfo(tokens.access_token)).data).toMatchObject({ sub: subject, name: 'Ada Lovelace' });
  const { data: renewed } = await client.oauth.refreshTokenGrant({ refresh_token: tokens.refresh_token ?? '' });
  expect(renewed).toMatchObject({ token_type: 'Bearer', id_token: expect.any(String) });
});

test("a machine's token", async () => {
  const { data } = await createClient('machine', machineSecret).oauth.clientCredentialsGrant({ audience });
  expect(data).toMatchObject({ token_type: 'Bearer', scope: 'read:shows' });
});

test('a used code and a revoked refresh token are the error of the library', async () => {
  const client = createClient();
  const { grant } = await authorize();
  const { data: tokens } = await client.oauth.authorizationCodeGrantWithPKCE(grant);
  const refreshToken = tokens.refresh_token ?? '';
  await client.oauth.revokeRefreshToken({ token: refreshToken });
  const failure = await failureOf(client.oauth.refreshTokenGrant({ refresh_token: refreshToken }));
  expect(failure).toBeInstanceOf(AuthApiError);
  expect(failure).toMatchObject({
    statusCode: 403,
    error: 'invalid_grant',
    error_description: 'Unknown or invalid refresh token.',
  });
  expect(await failureOf(client.oauth.authorizationCodeGrantWithPKCE(grant))).toMatchObject({
    error: 'invalid_grant',
    error_description: 'Invalid authorization code',
  });
  expect((await authorize({ connection: brokenConnection })).answer.get('error')).toBe('invalid_request');
});
