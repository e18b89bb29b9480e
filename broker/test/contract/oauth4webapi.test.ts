import * as oauth from 'oauth4webapi';
import { beforeAll, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
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
import { audience } from '../support/world.ts';

/* `oauth4webapi`, which checks every header and member of an answer: types, cases, `iss`, challenges. */

const getWorld = useContract({ isSecure: true });

const client: oauth.Client = { client_id: clientId };
const authentication = oauth.ClientSecretPost(clientSecret);
let server: oauth.AuthorizationServer;

beforeAll(async () => {
  const issuer = new URL(getWorld().issuer);
  server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
});

async function authorize(parameters: Record<string, string> = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: getWorld().callback,
    scope: 'openid offline_access',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    connection,
    ...parameters,
  });
  const { location } = await createAgent().follow(`${server.authorization_endpoint}?${query}`, getWorld().callback);
  return { verifier, nonce, url: new URL(location ?? 'missing:'), state };
}

async function signIn(parameters: Record<string, string> = {}, options: oauth.TokenEndpointRequestOptions = {}) {
  const { url, state, nonce, verifier } = await authorize(parameters);
  const proven = oauth.validateAuthResponse(server, client, url, state);
  const request = () =>
    oauth.authorizationCodeGrantRequest(server, client, authentication, proven, getWorld().callback, verifier, options);
  const process = (response: Response) =>
    oauth.processAuthorizationCodeResponse(server, client, response, { expectedNonce: nonce, requireIdToken: true });
  return retried(request, process);
}

/** Once more with the nonce that a server asks for in its first answer. */
async function retried<Result>(request: () => Promise<Response>, process: (response: Response) => Promise<Result>) {
  try {
    return await process(await request());
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return process(await request());
  }
}

test('sign-in, userinfo and a renewal', async () => {
  const tokens = await signIn();
  expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ sub: subject });
  const userinfo = await oauth.userInfoRequest(server, client, tokens.access_token);
  expect(await oauth.processUserInfoResponse(server, client, subject, userinfo)).toMatchObject({ sub: subject });
  const response = await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token ?? '');
  expect(await oauth.processRefreshTokenResponse(server, client, response)).toMatchObject({ token_type: 'bearer' });
});

test('with DPoP: a nonce is asked for and used, and userinfo wants a proof', async () => {
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256', { extractable: false }));
  const tokens = await signIn({ audience }, { DPoP });
  expect(tokens.token_type).toBe('dpop');
  const ask = (options?: oauth.ProtectedResourceRequestOptions) =>
    oauth.userInfoRequest(server, client, tokens.access_token, options);
  const process = (response: Response) => oauth.processUserInfoResponse(server, client, subject, response);
  expect(await retried(() => ask({ DPoP }), process)).toMatchObject({ sub: subject });
  expect(await failureOf(ask().then(process))).toBeInstanceOf(oauth.WWWAuthenticateChallengeError);
});

test('errors of both channels are those of the library', async () => {
  const { url, state } = await authorize({ connection: brokenConnection });
  const front = await failureOf(Promise.resolve().then(() => oauth.validateAuthResponse(server, client, url, state)));
  expect(front).toBeInstanceOf(oauth.AuthorizationResponseError);
  expect(front).toMatchObject({ error: brokenAnswer.error, error_description: brokenAnswer.description });
  const response = await oauth.refreshTokenGrantRequest(server, client, authentication, 'never-issued');
  const back = await failureOf(oauth.processRefreshTokenResponse(server, client, response));
  expect(back).toBeInstanceOf(oauth.ResponseBodyError);
  expect(back).toMatchObject({ status: 403, error: 'invalid_grant' });
});

test('the end of a refresh token', async () => {
  const tokens = await signIn();
  const response = await oauth.revocationRequest(server, client, authentication, tokens.refresh_token ?? '');
  expect(await oauth.processRevocationResponse(response)).toBeUndefined();
});
