import { createHmac } from 'node:crypto';
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { type Agent, createAgent } from '../support/agent.ts';
import { databases, useWorld } from '../support/databases.ts';
import { answerParameters, authorizeUrl, callback, redeem, type WorldOptions } from '../support/world.ts';

const elsewhere = 'https://elsewhere.example.com/ask';
const secret = 'redirect-secret-0123456789';

const change: WorldOptions['change'] = (seed) => {
  const trigger = [{ id: 'post-login' as const }];
  seed.actions.push(
    {
      name: 'ask',
      supported_triggers: trigger,
      deploy: true,
      secrets: [{ name: 'SECRET', value: secret }],
      code: `
exports.onExecutePostLogin = async (event, api) => {
  if (event.request.query['ext-case'] === 'plain') return;
  api.idToken.setCustomClaim('before', api.redirect.canRedirect());
  api.user.setUserMetadata('asked', true);
  const token = api.redirect.encodeToken({ secret: event.secrets.SECRET, payload: { question: 'colour' } });
  api.redirect.sendUserTo('${elsewhere}?fixed=1', { query: { session_token: token } });
};
exports.onContinuePostLogin = async (event, api) => {
  if (event.request.body.plain) return api.idToken.setCustomClaim('colour', 'none');
  const payload = api.redirect.validateToken({ secret: event.secrets.SECRET, tokenParameterName: 'answer' });
  api.idToken.setCustomClaim('colour', payload.colour);
};`,
    },
    {
      name: 'after',
      supported_triggers: trigger,
      deploy: true,
      code: `exports.onExecutePostLogin = async (event, api) => {
  api.idToken.setCustomClaim('after', event.user.user_metadata.asked === true);
};`,
    },
  );
};

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as the other site signs it. */
function signed(payload: object, key = secret): string {
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

const soon = () => Math.floor(Date.now() / 1000) + 300;

describe.each(databases)('an Action that redirects, on %s', (database) => {
  const getWorld = useWorld({ change }, database);

  const leave = async (parameters: Record<string, string> = {}, agent: Agent = createAgent()) => {
    const answer = await agent.follow(authorizeUrl(getWorld(), parameters), elsewhere);
    const url = new URL(answer.location ?? 'missing:');
    return { agent, url, state: url.searchParams.get('state') ?? '' };
  };
  const answerOf = (state: string, more: object = {}) => signed({ state, colour: 'green', exp: soon(), ...more });
  const comeBack = ({ agent, state }: { agent: Agent; state: string }, token: string) =>
    agent.post(getWorld().broker.url(`continue?state=${state}`), { answer: token });

  test('sends the browser away with a signed token and goes on where it was, by POST', async () => {
    const away = await leave();
    expect(away.url.searchParams.get('fixed')).toBe('1');
    const sent = decodeJwt(away.url.searchParams.get('session_token') ?? '');
    expect(sent).toMatchObject({
      question: 'colour',
      sub: expect.stringMatching(/^oauth2\|mapped\|/),
      ip: '127.0.0.1',
    });
    expect(sent.iss).toBe(new URL(getWorld().broker.issuerUrl).host);
    const back = await comeBack(away, answerOf(away.state));
    expect(back.status).toBe(303);
    expect(back.location?.startsWith(callback), back.body).toBe(true);
    const answer = answerParameters(back);
    expect(answer.state).toBe('app-state');
    const { body } = await redeem(getWorld(), answer.code);
    expect(decodeJwt(String(body.id_token))).toMatchObject({ before: true, colour: 'green', after: true });
    const events = await getWorld().broker.store.logs.list(1_000);
    const steps = events.find(({ type }) => type === 's')?.details.steps as { fields: { handler?: string } }[];
    const handlers = steps.flatMap(({ fields }) => fields.handler ?? []);
    expect(handlers).toEqual(['onExecutePostLogin', 'onContinuePostLogin', 'onExecutePostLogin']);
  });

  test('what was done is kept with the attempt, also if nobody comes back', async () => {
    await leave();
    const { store } = getWorld().broker;
    const [newest] = await store.attempts.list(1);
    expect(newest).toMatchObject({ isFailed: false, userId: expect.stringMatching(/^oauth2\|mapped\|/) });
  });

  test('by GET too', async () => {
    const away = await leave();
    const back = await away.agent.get(
      getWorld().broker.url(`continue?state=${away.state}&answer=${answerOf(away.state)}`),
    );
    expect([back.status, answerParameters(back).error]).toEqual([302, undefined]);
  });

  test.each([
    ['another state', (state: string) => answerOf(`${state}x`)],
    ['another secret', (state: string) => signed({ state, colour: 'red', exp: soon() }, 'not-the-secret-012345')],
    ['no signature', (state: string) => `${encode({ alg: 'none' })}.${encode({ state, exp: soon() })}.`],
    ['a past expiry', (state: string) => answerOf(state, { exp: 1 })],
    ['no token at all', () => ''],
  ])('a token with %s denies the sign-in', async (_, make) => {
    const away = await leave();
    const back = await comeBack(away, make(away.state));
    expect(answerParameters(back)).toMatchObject({ error: 'access_denied' });
  });

  test('the state is of one use, and of this session only', async () => {
    const away = await leave();
    const stolen = await comeBack({ agent: createAgent(), state: away.state }, answerOf(away.state));
    expect([stolen.status, stolen.location]).toEqual([400, undefined]);
    expect(stolen.body).toContain('invalid_request');
    const again = await comeBack(away, answerOf(away.state));
    expect(again.status).toBe(400);
  });

  test('an unknown, a missing and a doubled state are a page', async () => {
    const { agent } = await leave();
    for (const query of ['', '?state=', '?state=sa_unknown', '?state=a&state=b']) {
      const answer = await agent.get(getWorld().broker.url(`continue${query}`));
      expect([answer.status, answer.location], query).toEqual([400, undefined]);
    }
  });

  test('the state opens no callback: the other site cannot bring its own code', async () => {
    const away = await leave();
    const forged = await away.agent.get(getWorld().broker.url(`login/callback?state=${away.state}&code=theirs`));
    expect([forged.status, forged.location]).toEqual([400, undefined]);
  });

  test('it waits fifteen minutes', async () => {
    const away = await leave();
    getWorld().broker.clock.advance(901);
    expect((await comeBack(away, answerOf(away.state))).status).toBe(400);
  });

  test('prompt=none cannot be redirected', async () => {
    const agent = createAgent();
    await agent.follow(authorizeUrl(getWorld(), { 'ext-case': 'plain' }), callback);
    const silent = await agent.get(authorizeUrl(getWorld(), { prompt: 'none' }));
    expect(answerParameters(silent)).toMatchObject({ error: 'interaction_required' });
  });
});
