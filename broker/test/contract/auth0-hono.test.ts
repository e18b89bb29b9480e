import { TokenByCodeError } from '@auth0/auth0-auth-js';
import { auth, callback, login, type OIDCEnv } from '@auth0/auth0-hono';
import { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createAgent } from '../support/agent.ts';
import {
  brokenAnswer,
  brokenConnection,
  clientId,
  clientSecret,
  confirmSignOut,
  connection,
  otherAudience,
  passTwoHours,
  subject,
  useContract,
} from '../support/contract.ts';
import { fromFetch, type ServerApp, serveApp } from '../support/server-app.ts';

/* `@auth0/auth0-hono`: a protected application with its routes for sign-in, callback and sign-out. */

const getWorld = useContract({ isSecure: true, host: 'portico.test' });

let served: ServerApp;

beforeAll(async () => {
  const { app: baseURL, appPort, domain, broker } = getWorld();
  const app = new Hono<OIDCEnv>();
  app.use(
    auth({
      domain,
      clientID: clientId,
      clientSecret,
      baseURL,
      authRequired: false,
      idpLogout: true,
      customRoutes: ['login', 'callback'],
      routes: { callback: '/callback', logout: '/logout', login: '/login' },
      session: { secret: 'an application secret of 32 bytes or more', cookie: { secure: false } },
      authorizationParams: { scope: 'openid profile email offline_access', audience: otherAudience },
    }),
  );
  app.get('/login/:connection', (context, next) =>
    login({ authorizationParams: { connection: context.req.param('connection') }, redirectAfterLogin: '/me' })(
      context,
      next,
    ),
  );
  app.get('/callback', callback());
  app.get('/me', async (context) => context.json((await context.var.auth0Client?.getUser(context)) ?? {}));
  app.get('/userinfo', async (context) => {
    const { accessToken = '' } = (await context.var.auth0Client?.getAccessToken(context)) ?? {};
    const answer = await fetch(broker.url('userinfo'), { headers: { authorization: `Bearer ${accessToken}` } });
    return context.json(await answer.json());
  });
  app.onError((error, context) =>
    context.json({ isOfLibrary: error instanceof TokenByCodeError, cause: error.cause }, 500),
  );
  served = await serveApp(appPort, fromFetch(app.fetch));
});
afterAll(() => served?.close());

async function signIn(through: string) {
  const agent = createAgent();
  const answer = await agent.follow(`${getWorld().app}/login/${through}`, 'nowhere:');
  return { agent, answer };
}

const get = async (agent: ReturnType<typeof createAgent>, path: string) =>
  JSON.parse((await agent.get(`${getWorld().app}${path}`)).body);

afterEach(() => vi.useRealTimers());

test('sign-in leads to where the application wanted, and the token opens userinfo', async () => {
  const { agent, answer } = await signIn(connection);
  expect(answer.url).toBe(`${getWorld().app}/me`);
  expect(JSON.parse(answer.body)).toMatchObject({ sub: subject, name: 'Ada Lovelace' });
  expect(await get(agent, '/userinfo')).toMatchObject({ sub: subject });
});

test('an access token that has expired is renewed on the way', async () => {
  const { agent } = await signIn(connection);
  passTwoHours();
  expect(await get(agent, '/userinfo')).toMatchObject({ sub: subject });
});

test('a failed sign-in is the error of the library', async () => {
  const { answer } = await signIn(brokenConnection);
  expect(JSON.parse(answer.body)).toMatchObject({
    isOfLibrary: true,
    cause: { error: brokenAnswer.error, error_description: brokenAnswer.description },
  });
});

test("sign-out ends the application's session and ours", async () => {
  const { app } = getWorld();
  const { agent } = await signIn(connection);
  const { location = '' } = await agent.get(`${app}/logout`);
  expect(await confirmSignOut(agent, new URL(location))).toBe(`${app}/`);
  expect(await get(agent, '/me')).toEqual({});
});
