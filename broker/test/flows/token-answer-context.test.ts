import { afterAll, beforeAll, expect, test } from 'vitest';
import { signIn, startWorld, type World } from '../support/world.ts';

/*
 * The second argument of a profile script is the provider's token answer, as published scripts read it: an ID token as
 * text, ids and names that some providers put beside the tokens, scopes; and the connection's options without secrets.
 */

type Case = {
  readonly name: string;
  readonly answer: Record<string, unknown> | string;
  readonly source: string;
  readonly id: string;
  readonly attributes?: Record<string, unknown>;
};

const claims = Buffer.from(JSON.stringify({ sub: 'id-token-sub', email: 'a@example.com' })).toString('base64url');

const cases: readonly Case[] = [
  {
    name: 'id-token',
    answer: { access_token: 'token-1', id_token: `e30.${claims}.c2ln` },
    source: `function (accessToken, ctx, cb) {
      var claims = JSON.parse(Buffer.from(ctx.id_token.split('.')[1], 'base64').toString('utf8'));
      claims.user_id = claims.sub;
      cb(null, claims);
    }`,
    id: 'id-token-sub',
    attributes: { email: 'a@example.com' },
  },
  {
    name: 'destructured',
    answer: { access_token: 'token-1', id_token: `e30.${claims}.c2ln` },
    source: `async (token, { id_token }, cb) => cb(null, { user_id: JSON.parse(atob(id_token.split('.')[1])).sub })`,
    id: 'id-token-sub',
  },
  {
    name: 'workspace',
    answer: {
      ok: true,
      access_token: 'xoxb-1',
      token_type: 'bot',
      team: { id: 'T1', name: 'Crew' },
      team_id: 'T1',
      enterprise: null,
      authed_user: { id: 'U1' },
      bot: { bot_user_id: 'B1' },
    },
    source: `function (accessToken, ctx, cb) {
      if (ctx.access_token !== accessToken || ctx.token_type !== 'bot' || ctx.enterprise !== null) return cb(new Error('another answer'));
      cb(null, { user_id: ctx.authed_user.id, team: ctx.team.name, bot: ctx.bot.bot_user_id });
    }`,
    id: 'U1',
    attributes: { team: 'Crew', bot: 'B1' },
  },
  {
    name: 'user-id-beside-token',
    answer: '{"access_token":"t-1","user_id":90071992547409931,"email":"v@example.com","expires_in":0}',
    source: 'function (accessToken, ctx, cb) { cb(null, { user_id: ctx.user_id, email: ctx.email }); }',
    id: '90071992547409931',
    attributes: { email: 'v@example.com' },
  },
  {
    name: 'identity-address',
    answer: { access_token: 'token-1', id: 'ORIGIN/identity/1' },
    source: `function (accessToken, ctx, cb) {
      request.get(ctx.id, { headers: { Authorization: 'Bearer ' + accessToken } }, function (e, r, b) {
        if (e) return cb(e);
        cb(null, JSON.parse(b));
      });
    }`,
    id: 'from-identity-address',
  },
  {
    name: 'account',
    answer: { access_token: 'token-1', stripe_user_id: 'acct_1', orcid: '0000-0001', name: 'Ada', sub: 's' },
    source: `function (accessToken, ctx, cb) {
      cb(null, { user_id: ctx.stripe_user_id, orcid: ctx.orcid, name: ctx.name, all: Object.keys(ctx).sort().join() });
    }`,
    id: 'acct_1',
    attributes: { orcid: '0000-0001', name: 'Ada', all: 'access_token,name,options,orcid,stripe_user_id,sub' },
  },
  {
    name: 'form',
    answer: 'access_token=token-1&scope=repo%2Cuser&token_type=bearer',
    source: `function (accessToken, ctx, cb) { cb(null, { user_id: 'f', scopes: ctx.scope.split(',').length }); }`,
    id: 'f',
    attributes: { scopes: 2 },
  },
  {
    name: 'told-whole',
    answer: { access_token: 'token-1', refresh_token: 'refresh-1' },
    source: `function (accessToken, ctx, cb) {
      console.log(ctx);
      console.log('context: ' + ctx + JSON.stringify(ctx));
      cb(null, { user_id: 'w', options: JSON.stringify(ctx.options), secret: /provider-secret|refresh-1/.test(JSON.stringify(ctx)) });
    }`,
    id: 'w',
    attributes: { options: '{"client_id":"portico-at-provider","scope":"profile email"}', secret: false },
  },
];

let world: World;
beforeAll(async () => {
  world = await startWorld({
    change(seed) {
      const scripted = seed.connections.find(({ name }) => name === 'scripted');
      if (scripted === undefined) throw new Error('the seed has a scripted connection');
      for (const { name, source } of cases) {
        const options = { ...scripted.options, scripts: { fetchUserProfile: source } };
        seed.connections.push({ ...scripted, name, options });
      }
    },
  });
  world.provider.on('other', () => ({ body: { id: 'from-identity-address' } }));
});
afterAll(() => world.close());

test.each(cases)('the context is the token answer: "$name"', async ({ name, answer, id, attributes = {} }) => {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  world.provider.on('token', () => ({ body: text.replace('ORIGIN', world.provider.url) }));
  const signedIn = await signIn(world, { connection: name });
  expect(signedIn.answer.code, signedIn.answer.error_description).toMatch(/^ac_/);
  const user = await world.broker.store.users.find(`oauth2|${name}|${id}` as never);
  expect(user?.attributes).toMatchObject(attributes);
});
