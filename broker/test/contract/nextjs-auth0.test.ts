import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import {
  brokenAnswer,
  brokenConnection,
  clientId,
  clientSecret,
  connection,
  subject,
  useContract,
} from '../support/contract.ts';

/* `@auth0/nextjs-auth0` in a Next.js server of its own; it wants an https domain, or its option for http and localhost. */

const project = join(import.meta.dirname, 'next-app');

const getWorld = useContract({ isSecure: false });

let next: ChildProcess;

beforeAll(async () => {
  const { app, appPort, issuer } = getWorld();
  const command = createRequire(import.meta.url).resolve('next/dist/bin/next');
  next = spawn(process.execPath, [command, 'dev', '--hostname', 'localhost', '--port', String(appPort)], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'development',
      NEXT_TELEMETRY_DISABLED: '1',
      APP_BASE_URL: app,
      AUTH0_DOMAIN: issuer.slice(0, -1),
      AUTH0_CLIENT_ID: clientId,
      AUTH0_CLIENT_SECRET: clientSecret,
      AUTH0_SECRET: randomBytes(32).toString('hex'),
    },
  });
  await whenReady(next);
  // Pages and routes are compiled when they are first asked for.
  for (const path of ['/', '/userinfo']) await (await fetch(`${app}${path}`)).arrayBuffer();
}, 180_000);
afterAll(async () => {
  const ended = new Promise((resolve) => next?.once('exit', resolve));
  next?.kill('SIGTERM');
  await ended;
  rmSync(join(project, '.next'), { recursive: true, force: true });
});

function whenReady(child: ChildProcess): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      text += chunk;
      if (text.includes('Ready in')) resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => reject(new Error(`Next.js ended early:\n${text}`)));
  });
}

async function signIn(through: string, agent = createAgent()) {
  const url = `${getWorld().app}/auth/login?connection=${through}&returnTo=/`;
  return { agent, answer: await agent.follow(url, 'nowhere:') };
}

test('sign-in through its routes: the page knows the person, the client asks for them and for a token', async () => {
  const { agent, answer } = await signIn(connection);
  expect(answer.url).toBe(`${getWorld().app}/`);
  expect(answer.body).toContain('Welcome, Ada Lovelace!');
  const profile = JSON.parse((await agent.get(`${getWorld().app}/auth/profile`)).body);
  expect(profile).toMatchObject({ sub: subject, email: 'ada@example.com', email_verified: true });
  const token = JSON.parse((await agent.get(`${getWorld().app}/auth/access-token`)).body);
  expect(token).toMatchObject({ token: expect.any(String), expires_at: expect.any(Number) });
});

test('a route of the application renews the token and asks userinfo', async () => {
  const { agent } = await signIn(connection);
  expect(JSON.parse((await agent.get(`${getWorld().app}/userinfo`)).body)).toMatchObject({ sub: subject });
});

test('a failed sign-in is the error of the library', async () => {
  const { answer } = await signIn(brokenConnection);
  expect(JSON.parse(answer.body)).toMatchObject({
    type: 'AuthorizationError',
    code: brokenAnswer.error,
    message: brokenAnswer.description,
  });
});

test('sign-out with its hints ends both sessions without a question', async () => {
  const { app, provider } = getWorld();
  const { agent } = await signIn(connection);
  const { location } = await agent.follow(`${app}/auth/logout`, app);
  expect(location?.startsWith(app)).toBe(true);
  expect((await agent.get(`${app}/`)).body).toContain('Nobody');
  const before = provider.counts.authorize;
  await signIn(connection, agent);
  expect(provider.counts.authorize).toBe(before + 1);
});
