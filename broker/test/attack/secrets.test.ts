import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Answer, createAgent } from '../support/agent.ts';
import {
  createPkce,
  machineSecret,
  postToken,
  redeem,
  signIn,
  startWorld,
  type World,
  webSecret,
} from '../support/world.ts';
import { beginSignIn, changed } from './refusal.ts';

/* What is secret is in nobody's log, in no page, in no address that it was not made for, and not in the database as it is. */

const upstreamTokens = {
  access_token: 'upstream-access-token-0123456789',
  refresh_token: 'upstream-refresh-token-0123456789',
};
const directory = mkdtempSync(join(tmpdir(), 'portico-secrets-'));
let world: World;
beforeAll(async () => {
  world = await startWorld({
    databaseUrl: `sqlite:${join(directory, 'portico.db')}`,
    change: (seed) => {
      const scripted = seed.connections.find(({ name }) => name === 'scripted');
      if (scripted === undefined) throw new Error('the seed has a scripted connection');
      const add = (name: string, body: string) => {
        const scripts = { fetchUserProfile: `function (accessToken, ctx, callback) { ${body} }` };
        seed.connections.push({ ...scripted, name, options: { ...scripted.options, scripts } });
      };
      add('says-token', "console.log(accessToken); callback(new Error('no profile for ' + accessToken));");
      add('says-context', 'callback(new Error(JSON.stringify(ctx)));');
      add('throws-token', 'var bad = JSON.parse(accessToken); callback(null, bad);');
      add('encodes-token', "callback(new Error('x' + Buffer.from(accessToken).toString('base64')));");
      add(
        'keeps-token',
        'callback(null, { user_id: 1, note: accessToken, user_metadata: { t: [accessToken] }, app_metadata: { t: accessToken } });',
      );
    },
  });
});
afterAll(async () => {
  await world.close();
  rmSync(directory, { recursive: true, force: true });
});
afterEach(() => {
  world.provider.on('token', undefined);
  world.provider.on('userinfo', undefined);
});

const clientSecret = 'provider-secret';

/** No secret in the operator's log, the tenant's log, or an answer. */
async function expectNowhere(secrets: readonly (string | undefined)[], answers: readonly Answer[] = []): Promise<void> {
  const shown = {
    logs: JSON.stringify(world.broker.logs),
    tenant: JSON.stringify(await world.broker.store.logs.list(1000)),
    answers: JSON.stringify(answers.map(({ body, location, headers }) => [body, location, headers['set-cookie']])),
  };
  for (const [place, text] of Object.entries(shown)) {
    for (const secret of secrets) {
      expect(secret).toMatch(/^.{8,}$/s);
      expect(text.includes(secret ?? ''), `${place} holds ${secret}`).toBe(false);
    }
  }
}

test('of a whole sign-in nothing secret is in a log, and nothing that opens anything is in the database', async () => {
  world.provider.on('token', () => ({ body: { ...upstreamTokens, token_type: 'Bearer', expires_in: 60 } }));
  world.provider.on('userinfo', () => ({ body: { id: 'user-1', email: 'ada@example.com' } }));
  const { verifier, challenge } = createPkce();
  const agent = createAgent();
  const asked = { scope: 'openid offline_access', code_challenge: challenge, code_challenge_method: 'S256' };
  const begun = await beginSignIn(world, asked, agent);
  const answer = await agent.get(begun.callbackUrl);
  const code = new URL(answer.location ?? '').searchParams.get('code') ?? '';
  const first = (await redeem(world, code, { code_verifier: verifier })).body;
  const form = { grant_type: 'refresh_token', client_id: 'web', client_secret: webSecret };
  const second = (await postToken(world, { ...form, refresh_token: String(first.refresh_token) })).body;
  await redeem(world, code, { code_verifier: verifier });
  await postToken(world, {
    ...form,
    client_secret: 'a-wrong-client-secret',
    refresh_token: String(first.refresh_token),
  });
  const silent = await agent.get(
    `${world.broker.url('authorize')}?client_id=web&prompt=none&response_type=code&redirect_uri=x`,
  );

  const upstreamForm = world.provider.requestsTo('token').at(-1)?.form;
  const secrets = [
    begun.state,
    begun.code,
    code,
    verifier,
    upstreamForm?.get('code_verifier') ?? undefined,
    ...Object.values(upstreamTokens),
    ...[first, second].flatMap((body) => [body.access_token, body.id_token, body.refresh_token].map(String)),
    ...['auth0', 'did'].map((name) => agent.cookies.get(name)),
    clientSecret,
    webSecret,
    'a-wrong-client-secret',
  ];
  await expectNowhere(secrets, [silent]);
  const files = readdirSync(directory).map((file) => readFileSync(join(directory, file)));
  const handedOut = secrets.filter((secret) => secret !== machineSecret);
  for (const secret of handedOut) for (const file of files) expect(file.includes(secret ?? ''), secret).toBe(false);
  expect(files.some((file) => file.includes('ada@example.com'))).toBe(true);
});

test.each([
  [
    'in its error',
    (form: URLSearchParams) => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: [...form].join(' ') },
    }),
  ],
  [
    'in its error code',
    (form: URLSearchParams) => ({
      status: 400,
      body: { error: `bad ${form.get('code')} ${form.get('client_secret')}` },
    }),
  ],
  [
    'in an error beside tokens',
    () => ({
      body: {
        ...upstreamTokens,
        error: `x ${upstreamTokens.access_token}`,
        error_description: upstreamTokens.refresh_token,
      },
    }),
  ],
  [
    'in HTML',
    (form: URLSearchParams) => ({
      status: 500,
      headers: { 'content-type': 'text/html' },
      body: `<p>${[...form].join(' ')}`,
    }),
  ],
])(
  'a token endpoint that repeats what it was sent, or gives, %s does not get it into a log or an answer',
  async (_, answerWith) => {
    let form = new URLSearchParams();
    world.provider.on('token', (request) => {
      form = request.form;
      return answerWith(request.form);
    });
    const { agent, callbackUrl, code } = await beginSignIn(world);
    const answer = await agent.get(callbackUrl);
    expect(answer.location).toContain('failed+to+obtain+access+token');
    await expectNowhere(
      [code, form.get('code_verifier') ?? undefined, clientSecret, ...Object.values(upstreamTokens)],
      [answer],
    );
  },
);

test.each(['says-token', 'says-context', 'throws-token', 'encodes-token', 'keeps-token'])(
  'a profile script that %s does not get the token into a log, an answer or a profile',
  async (connection) => {
    world.provider.on('token', () => ({
      body: { ...upstreamTokens, id_token: 'upstream-id-token-0123456789', extra: 'extra-secret-0123456789' },
    }));
    const { agent, callbackUrl, code } = await beginSignIn(world, { connection });
    const answer = await agent.get(callbackUrl);
    const encoded = Buffer.from(upstreamTokens.access_token).toString('base64');
    const secrets = [...Object.values(upstreamTokens), encoded, 'upstream-id-token-0123456789', code, clientSecret];
    await expectNowhere(secrets, [answer]);
    const user = await world.broker.store.users.find(`oauth2|${connection}|1` as never);
    for (const secret of secrets) expect(JSON.stringify(user ?? {})).not.toContain(secret);
  },
);

test.each([
  ['an error of the upstream', { error: 'SECRET-CODE-0123456789', error_description: 'SECRET-CODE-0123456789' }],
  ['a foreign state', { state: 'SECRET-CODE-0123456789' }],
  ['a foreign iss', { iss: 'https://SECRET-CODE-0123456789.example.com' }],
])('%s with something secret in it is not repeated to the browser', async (_, parameters) => {
  const { agent, callbackUrl } = await beginSignIn(world);
  const answer = await agent.get(changed(callbackUrl, { code: undefined, ...parameters }));
  expect(JSON.stringify(answer.location ?? answer.body)).not.toContain('SECRET-CODE');
});

test('nothing secret is in the metrics', async () => {
  const { answer } = await signIn(world);
  const { body } = await redeem(world, answer.code);
  const metrics = await fetch(world.broker.url('metrics')).then((response) => response.text());
  for (const secret of [answer.code, String(body.access_token), clientSecret, 'user-1'])
    expect(metrics).not.toContain(secret);
});

test('a form whose & was lost has a secret in the wrong place: it is not repeated, neither to the sender nor in the log', async () => {
  const secret = `web-secret-${'x'.repeat(20)}`;
  const before = world.broker.logs.length;
  const forms: Record<string, string>[] = [
    { grant_type: `refresh_tokenclient_secret=${secret}`, client_id: 'web' },
    { grant_type: 'refresh_token', client_id: `webclient_secret=${secret}` },
  ];
  for (const form of forms) expect(JSON.stringify(await postToken(world, form))).not.toContain(secret);
  const logged = JSON.stringify(world.broker.logs.slice(before));
  expect(logged).toContain('(unreadable)');
  expect(logged).not.toContain(secret);
});
