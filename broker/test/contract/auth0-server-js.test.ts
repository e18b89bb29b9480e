import { TokenByCodeError } from '@auth0/auth0-auth-js';
import { CookieTransactionStore, ServerClient, StatelessStateStore } from '@auth0/auth0-server-js';
import { afterEach, expect, test, vi } from 'vitest';
import { createAgent } from '../support/agent.ts';
import {
  brokenAnswer,
  brokenConnection,
  clientId,
  clientSecret,
  confirmSignOut,
  connection,
  failureOf,
  otherAudience,
  passTwoHours,
  subject,
  useContract,
} from '../support/contract.ts';

/* `@auth0/auth0-server-js` with its own encrypted cookies; the application's browser is a jar. */

const getWorld = useContract({ isSecure: true });

type Jar = Map<string, string>;

const cookieHandler = {
  setCookie: (name: string, value: string, _options?: object, jar?: Jar) => void jar?.set(name, value),
  getCookie: (name: string, jar?: Jar) => jar?.get(name),
  getCookies: (jar?: Jar) => Object.fromEntries(jar ?? []),
  deleteCookie: (name: string, jar?: Jar) => void jar?.delete(name),
};

function createClient(): ServerClient<Jar> {
  const secret = 'an application secret of 32 bytes or more';
  return new ServerClient<Jar>({
    domain: getWorld().domain,
    clientId,
    clientSecret,
    authorizationParams: {
      redirect_uri: getWorld().callback,
      scope: 'openid profile email offline_access',
      audience: otherAudience,
    },
    transactionStore: new CookieTransactionStore({ secret }, cookieHandler),
    stateStore: new StatelessStateStore({ secret }, cookieHandler),
  });
}

function createBrowser() {
  const client = createClient();
  const jar: Jar = new Map();
  const agent = createAgent();
  return {
    client,
    jar,
    agent,
    async signIn(parameters: Record<string, string> = { connection }) {
      const url = await client.startInteractiveLogin({ appState: { to: '/' }, authorizationParams: parameters }, jar);
      const { location } = await agent.follow(url.href, getWorld().callback);
      return client.completeInteractiveLogin(new URL(location ?? ''), jar);
    },
  };
}

test("sign-in, the user and their tokens are in the application's cookies", async () => {
  const { client, jar, signIn } = createBrowser();
  expect(await signIn()).toMatchObject({ appState: { to: '/' } });
  expect(await client.getUser(jar)).toMatchObject({ sub: subject, email: 'ada@example.com' });
  const { accessToken } = await client.getAccessToken(jar);
  const answer = await fetch(getWorld().broker.url('userinfo'), {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  expect(await answer.json()).toMatchObject({ sub: subject });
});

afterEach(() => vi.useRealTimers());

test('an access token that has expired is renewed with the refresh token', async () => {
  const { client, jar, signIn } = createBrowser();
  await signIn();
  const session = await client.getSession(jar);
  const before = await client.getAccessToken(jar);
  expect(session?.refreshToken).toMatch(/^v1\./);
  passTwoHours();
  expect((await client.getAccessToken(jar)).accessToken).not.toBe(before.accessToken);
});

test('a failed sign-in is the error of the library', async () => {
  const { signIn } = createBrowser();
  const failure = await failureOf(signIn({ connection: brokenConnection }));
  expect(failure).toBeInstanceOf(TokenByCodeError);
  expect(failure).toMatchObject({ cause: { error: brokenAnswer.error, error_description: brokenAnswer.description } });
});

test("sign-out ends the application's session and ours", async () => {
  const { app } = getWorld();
  const { client, jar, agent, signIn } = createBrowser();
  await signIn();
  const url = await client.logout({ returnTo: app }, jar);
  expect(await confirmSignOut(agent, url)).toBe(`${app}/`);
  expect(await client.getUser(jar)).toBeUndefined();
  expect(await failureOf(signIn({ connection, prompt: 'none' }))).toMatchObject({ cause: { error: 'login_required' } });
});
