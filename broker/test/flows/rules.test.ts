import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import type { UserId } from '../../src/core/ids.ts';
import { createAgent } from '../support/agent.ts';
import { obtainTokens, spa } from '../support/applications.ts';
import { useWorld } from '../support/databases.ts';
import { answerParameters, authorizeUrl, redeem, signIn, type WorldOptions } from '../support/world.ts';

const elsewhere = 'https://elsewhere.example.com/rule';

const change: WorldOptions['change'] = (seed) => {
  seed.rules_configs.push({ key: 'NAMESPACE', value: 'https://example.com/' });
  seed.rules.push(
    {
      name: 'second in the file, first in order',
      order: 1,
      script: `function addRoles(user, context, callback) {
  auth0.users.updateAppMetadata('oauth2|mapped|somebody-else', { stolen: true });
  if (context.request.query['ext-case'] === 'denied') return callback(new UnauthorizedError('Not on the list'));
  if (context.request.query['ext-case'] === 'thrown') throw new UnauthorizedError('Not today');
  if (context.request.query['ext-case'] === 'alike') {
    const alike = new Error('Out of order');
    alike.stack = 'UnauthorizedError: ' + alike.stack;
    return callback(alike);
  }
  if (context.request.query['ext-case'] === 'broken') return callback(new Error('Out of order'));
  user.app_metadata = user.app_metadata || {};
  user.app_metadata.roles = ['viewer'];
  context.idToken[configuration.NAMESPACE + 'roles'] = user.app_metadata.roles;
  context.idToken.sub = 'forged';
  auth0.users.updateAppMetadata(user.user_id, { roles: user.app_metadata.roles })
    .then(function () { callback(null, user, context); })
    .catch(callback);
}`,
    },
    {
      name: 'redirects',
      order: 2,
      script: `function (user, context, callback) {
  if (context.protocol === 'redirect-callback') {
    context.idToken['https://example.com/back'] = context.request.query.answer;
  } else if (context.request.query['ext-case'] === 'late') {
    auth0.users.updateUserMetadata(user.user_id, { lost: true });
    return callback('Late');
  } else if (context.request.query['ext-case'] === 'redirect') {
    context.redirect = { url: '${elsewhere}' };
  }
  context.accessToken.scope = context.accessToken.scope;
  context.idToken['https://example.com/clients'] = context.sso.current_clients;
  context.idToken['https://example.com/seen'] = user.app_metadata.roles.length;
  callback(null, user, context);
}`,
    },
    {
      name: 'remembers',
      order: 3,
      script: `function (user, context, callback) {
  global.signIns = (global.signIns || 0) + 1;
  context.idToken['https://example.com/sign-ins'] = global.signIns;
  callback(null, user, context);
}`,
    },
    {
      name: 'off',
      order: 0,
      enabled: false,
      script: `function (user, context, callback) { callback(new Error('off')); }`,
    },
  );
  seed.actions.push({
    name: 'after the rules',
    supported_triggers: [{ id: 'post-login' }],
    deploy: true,
    code: `exports.onExecutePostLogin = async (event, api) => { api.idToken.setCustomClaim('action', event.user.app_metadata.roles); };`,
  });
};

const getWorld = useWorld({ change });
const enter = (asked: string) => signIn(getWorld(), { 'ext-case': asked });

test('Rules run in their order with one user and context, then Actions; what auth0.users saves is saved', async () => {
  const { answer } = await enter('plain');
  const { body } = await redeem(getWorld(), answer.code);
  const claims = decodeJwt(String(body.id_token));
  expect(claims).toMatchObject({
    'https://example.com/roles': ['viewer'],
    'https://example.com/seen': 1,
    action: ['viewer'],
  });
  expect(claims.sub).not.toBe('forged');
  const user = await getWorld().broker.store.users.find(claims.sub as UserId);
  expect(user?.appMetadata).toEqual({ roles: ['viewer'] });
});

test('a Rule sees which applications the session has signed in to', async () => {
  const { agent, answer } = await enter('plain');
  const { body } = await redeem(getWorld(), answer.code);
  expect(decodeJwt(String(body.id_token))['https://example.com/clients']).toEqual(['web']);
  const tokens = await obtainTokens(getWorld(), spa, { prompt: 'none' }, agent);
  expect(decodeJwt(String(tokens.id_token))['https://example.com/clients']).toEqual(['web', 'spa']);
});

test('what a Rule leaves on global is there at the next sign-in', async () => {
  const counts: unknown[] = [];
  for (const _ of [1, 2, 3]) {
    const { body } = await redeem(getWorld(), (await enter('plain')).answer.code);
    counts.push(decodeJwt(String(body.id_token))['https://example.com/sign-ins']);
  }
  const [first] = counts;
  expect(counts).toEqual([first, Number(first) + 1, Number(first) + 2]);
});

test('UnauthorizedError is unauthorized, any other error access_denied, each with its words', async () => {
  expect((await enter('denied')).answer).toMatchObject({
    error: 'unauthorized',
    error_description: 'Not on the list',
  });
  expect((await enter('thrown')).answer).toMatchObject({ error: 'unauthorized', error_description: 'Not today' });
  expect((await enter('broken')).answer).toMatchObject({ error: 'access_denied', error_description: 'Out of order' });
  expect((await enter('alike')).answer).toMatchObject({ error: 'access_denied', error_description: 'Out of order' });
});

test('what earlier Rules saved stays where a later one fails, and nobody saves for another person', async () => {
  const { answer } = await enter('plain');
  const { body } = await redeem(getWorld(), answer.code);
  const id = decodeJwt(String(body.id_token)).sub as UserId;
  const { store, clock } = getWorld().broker;
  const forget = { userId: id, at: clock.now(), userMetadata: {}, appMetadata: { roles: null } };
  await store.write(store.users.changeMetadata(forget));
  expect((await enter('late')).answer).toMatchObject({ error: 'access_denied', error_description: 'Late' });
  const user = await store.users.find(id);
  expect([user?.appMetadata, user?.userMetadata]).toEqual([{ roles: ['viewer'] }, {}]);
});

test('context.redirect sends the browser away; back at /continue all Rules run again', async () => {
  const agent = createAgent();
  const away = await agent.follow(authorizeUrl(getWorld(), { 'ext-case': 'redirect' }), elsewhere);
  const state = new URL(away.location ?? 'missing:').searchParams.get('state') ?? '';
  const back = await agent.get(getWorld().broker.url(`continue?state=${state}&answer=yes`));
  const { body } = await redeem(getWorld(), answerParameters(back).code);
  expect(decodeJwt(String(body.id_token))).toMatchObject({ 'https://example.com/back': 'yes', action: ['viewer'] });
});

test('a start with Rules says that Auth0 ended them', () => {
  expect(getWorld().broker.logs.filter(({ message }) => message.includes('2026-11-18'))).toHaveLength(1);
});
