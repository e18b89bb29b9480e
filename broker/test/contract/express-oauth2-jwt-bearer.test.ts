import express from 'express';
import {
  auth,
  InsufficientScopeError,
  InvalidTokenError,
  requiredScopes,
  UnauthorizedError,
} from 'express-oauth2-jwt-bearer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Application, obtainTokens, refreshed } from '../support/applications.ts';
import { clientId, clientSecret, connection, subject, useContract } from '../support/contract.ts';
import { type ServerApp, serveApp } from '../support/server-app.ts';
import { audience, machineSecret, postToken } from '../support/world.ts';

/* `express-oauth2-jwt-bearer`: an API that reads our discovery document and key set, and believes nothing else. */

const getWorld = useContract({ isSecure: true });

let api: ServerApp;
let application: Application;

beforeAll(async () => {
  const { appPort, issuer, callback } = getWorld();
  application = { clientId, secret: clientSecret, redirectUri: callback };
  const app = express();
  app.use(auth({ issuerBaseURL: issuer, audience, tokenSigningAlg: 'RS256' }));
  app.get('/me', (request, response) => response.json(request.auth?.payload));
  app.get('/shows', requiredScopes('read:shows'), (_request, response) => response.json(['a show']));
  app.use((error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    const types = { InsufficientScopeError, InvalidTokenError, UnauthorizedError };
    const type = Object.entries(types).find(([, each]) => error instanceof each)?.[0];
    response.status((error as { status?: number }).status ?? 500).json({ type, message: error.message });
  });
  api = await serveApp(appPort, app);
});
afterAll(() => api?.close());

async function ask(path: string, token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${getWorld().app}${path}`, { headers });
  return { status: response.status, body: await response.json() };
}

const signIn = (parameters: Record<string, string> = {}) =>
  obtainTokens(getWorld(), application, { connection, audience, scope: 'openid offline_access', ...parameters });

const machineToken = async (): Promise<string> => {
  const { body } = await postToken(getWorld(), {
    grant_type: 'client_credentials',
    client_id: 'machine',
    client_secret: machineSecret,
    audience,
  });
  return String(body.access_token);
};

test("a person's token opens the API, also after it was renewed", async () => {
  const tokens = await signIn();
  const expected = { status: 200, body: { sub: subject, azp: clientId, iss: getWorld().issuer } };
  expect(await ask('/me', tokens.access_token)).toMatchObject(expected);
  const renewed = await refreshed(getWorld(), application, tokens.refresh_token);
  expect(await ask('/me', renewed.access_token)).toMatchObject(expected);
});

test("a machine's token has the scopes of its grant", async () => {
  expect(await ask('/shows', await machineToken())).toEqual({ status: 200, body: ['a show'] });
});

test('what is no token for this API is the error of the library', async () => {
  const withoutAudience = await signIn({ audience: '' });
  expect(await ask('/me')).toMatchObject({ status: 401, body: { type: 'UnauthorizedError' } });
  expect(await ask('/me', withoutAudience.access_token)).toMatchObject({
    status: 401,
    body: { type: 'InvalidTokenError' },
  });
  expect(await ask('/me', withoutAudience.id_token)).toMatchObject({
    status: 401,
    body: { type: 'InvalidTokenError' },
  });
  const { access_token: token } = await signIn();
  expect(await ask('/shows', token)).toMatchObject({ status: 403, body: { type: 'InsufficientScopeError' } });
});
