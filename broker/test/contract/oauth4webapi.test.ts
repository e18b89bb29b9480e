import * as oauth from 'oauth4webapi';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Agent, type Answer, createAgent } from '../support/agent.ts';
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

describe('a device without a browser', () => {
  const getOther = useContract({
    isSecure: true,
    client: { app_type: 'native', grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'] },
  });

  test('gets tokens when a person has entered its code, and an error before', async () => {
    const issuer = new URL(getOther().issuer);
    const other = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
    const begun = await oauth.deviceAuthorizationRequest(other, client, oauth.None(), { scope: 'openid profile' });
    const device = await oauth.processDeviceAuthorizationResponse(other, client, begun);
    const ask = async () => {
      const response = await oauth.deviceCodeGrantRequest(other, client, oauth.None(), device.device_code);
      return oauth.processDeviceCodeResponse(other, client, response);
    };
    expect(await failureOf(ask())).toMatchObject({ error: 'authorization_pending' });
    const agent = createAgent();
    const entered = readForm((await agent.post(device.verification_uri, { user_code: device.user_code })).body);
    const confirmed = await agent.post(entered.action, { ...entered.fields, decision: 'confirm' });
    await pickConnection(agent, confirmed);
    getOther().broker.clock.advance(device.interval ?? 5);
    const tokens = await ask();
    expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ sub: subject });
  });
});

/** On the login page, where the device's person finds two connections. */
async function pickConnection(agent: Agent, answer: Answer): Promise<void> {
  const page = answer.location === undefined ? answer : await agent.follow(answer.location, 'nowhere:');
  const { action, fields } = readForm(page.body);
  const picked = await agent.post(new URL(action, page.url).href, { ...fields, connection });
  await agent.follow(picked.location ?? readHandoff(picked.body), 'nowhere:');
}
