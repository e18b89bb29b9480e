import express, { type Express } from 'express';
import { auth, type ConfigParams } from 'express-openid-connect';
import { afterEach, describe, expect, test } from 'vitest';
import { type Agent, createAgent } from '../support/agent.ts';
import { readForm } from '../support/applications.ts';
import {
  brokenAnswer,
  brokenConnection,
  clientId,
  clientSecret,
  connection,
  subject,
  useContract,
} from '../support/contract.ts';
import { type ServerApp, serveApp } from '../support/server-app.ts';

/* `express-openid-connect` in the three ways that applications are configured. */

type Settings = {
  readonly getWorld: ReturnType<typeof useContract>;
  readonly config: ConfigParams;
};

let served: ServerApp | undefined;
afterEach(() => served?.close());

async function start({ getWorld, config }: Settings): Promise<void> {
  const { app: baseURL, appPort, issuer } = getWorld();
  const app: Express = express();
  app.use(
    auth({
      issuerBaseURL: issuer,
      baseURL,
      clientID: clientId,
      secret: 'an application secret of 32 bytes or more',
      authRequired: false,
      idpLogout: true,
      ...config,
      routes: { login: false },
    }),
  );
  app.get('/login/:connection', (request, response) =>
    response.oidc.login({
      returnTo: '/me',
      authorizationParams: { ...config.authorizationParams, connection: request.params.connection },
    }),
  );
  app.get('/me', async (request, response) => {
    const userinfo = request.oidc.accessToken === undefined ? undefined : await request.oidc.fetchUserInfo();
    response.json({ claims: request.oidc.idTokenClaims, userinfo });
  });
  app.get('/refresh', async (request, response) => {
    const before = request.oidc.accessToken?.access_token;
    const after = await request.oidc.accessToken?.refresh();
    response.json({ isRenewed: after !== undefined && after.access_token !== before });
  });
  app.use((error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    const { error: code, error_description: description } = error as { error?: string; error_description?: string };
    response.status(500).json({ code, description, message: error.message });
  });
  served = await serveApp(appPort, app);
}

/** Through the broker and back, with the form where the answer is posted. */
async function signIn(app: string, through = connection, agent: Agent = createAgent()) {
  let answer = await agent.follow(`${app}/login/${through}`, 'nowhere:');
  if (answer.body.includes('<form method="post"')) {
    const { action, fields } = readForm(answer.body);
    const posted = await agent.post(action, { ...fields });
    answer = posted.location === undefined ? posted : await agent.follow(posted.location, 'nowhere:');
  }
  return { agent, answer, json: JSON.parse(answer.body) };
}

const failed = { code: brokenAnswer.error, description: brokenAnswer.description };

describe('the code flow, with a refresh token', () => {
  const getWorld = useContract({ isSecure: false });
  const config: ConfigParams = {
    clientSecret,
    authorizationParams: { response_type: 'code', scope: 'openid profile email offline_access' },
  };

  test('sign-in, userinfo and a renewed token', async () => {
    await start({ getWorld, config });
    const { app } = getWorld();
    const { agent, json } = await signIn(app);
    expect(json).toMatchObject({ claims: { sub: subject, iss: getWorld().issuer }, userinfo: { sub: subject } });
    getWorld().broker.clock.advance(1);
    expect(JSON.parse((await agent.get(`${app}/refresh`)).body)).toEqual({ isRenewed: true });
  });

  test('a failed sign-in reaches the error handler with our code and description', async () => {
    await start({ getWorld, config });
    expect((await signIn(getWorld().app, brokenConnection)).json).toMatchObject(failed);
  });

  test.each([
    ['with auth0Logout', { auth0Logout: true }],
    ['through the end_session_endpoint', {}],
  ])('sign-out %s ends both sessions without a question', async (_, more) => {
    await start({ getWorld, config: { ...config, ...more } });
    const { app } = getWorld();
    const { agent } = await signIn(app);
    const { location } = await agent.follow(`${app}/logout`, app);
    expect(location?.startsWith(app)).toBe(true);
    expect(JSON.parse((await agent.get(`${app}/me`)).body)).toEqual({});
    const before = getWorld().provider.counts.authorize;
    await signIn(app, connection, agent);
    expect(getWorld().provider.counts.authorize).toBe(before + 1);
  });
});

describe('its default: an ID token in a posted form, over https', () => {
  const getWorld = useContract({ isSecure: true });

  test('sign-in without any secret or token request', async () => {
    await start({ getWorld, config: {} });
    const before = getWorld().broker.logs.length;
    const { json } = await signIn(getWorld().app);
    expect(json).toMatchObject({ claims: { sub: subject, nonce: expect.any(String) } });
    expect(getWorld().broker.logs.length).toBeGreaterThan(before);
  });

  test('a failed sign-in is posted, too', async () => {
    await start({ getWorld, config: {} });
    expect((await signIn(getWorld().app, brokenConnection)).json).toMatchObject(failed);
  });
});

describe('ID tokens that are signed with the client secret (HS256)', () => {
  const getWorld = useContract({ isSecure: false, client: { jwt_configuration: { alg: 'HS256' } } });

  test('sign-in', async () => {
    const config: ConfigParams = {
      clientSecret,
      idTokenSigningAlg: 'HS256',
      authorizationParams: { response_type: 'code', scope: 'openid profile email' },
    };
    await start({ getWorld, config });
    expect((await signIn(getWorld().app)).json).toMatchObject({ claims: { sub: subject } });
  });
});
