import { createHash } from 'node:crypto';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Agent, createAgent } from '../support/agent.ts';
import { readForm, readWebMessage, web } from '../support/applications.ts';
import { useWorld } from '../support/databases.ts';
import { answerParameters, audience, authorizeUrl, callback, redeem, signIn } from '../support/world.ts';

const responseTypes = [
  'code',
  'token',
  'id_token',
  'id_token token',
  'code id_token',
  'code token',
  'code id_token token',
];
const modes = ['default', 'fragment', 'form_post', 'web_message', 'query'] as const;
const tokenMembers = ['access_token', 'expires_in', 'scope', 'token_type'];
const origin = new URL(callback).origin;

/** OpenID Connect Core §3.3.2.11 for RS256, in words of its own. */
const halfHash = (value: string) =>
  createHash('sha256').update(value, 'ascii').digest().subarray(0, 16).toString('base64url');

describe('response types and modes', () => {
  const getWorld = useWorld({
    change(seed) {
      const [first] = seed.clients;
      if (first === undefined) throw new Error('the seed has it');
      first.web_origins = [origin];
      seed.clients.push({ ...first, client_id: 'code-only', grant_types: ['authorization_code'] });
      seed.clients.push({ ...first, client_id: 'implicit-only', grant_types: ['implicit'] });
    },
  });
  let agent: Agent;
  beforeAll(async () => {
    ({ agent } = await signIn(getWorld()));
  });

  const request = (responseType: string, mode: string, more: Record<string, string> = {}) =>
    authorizeUrl(getWorld(), {
      response_type: responseType,
      nonce: 'n-1',
      ...(mode === 'default' ? {} : { response_mode: mode }),
      ...more,
    });

  /** The parameters of the answer, and by which way they came. */
  const send = async (responseType: string, mode: string, more: Record<string, string> = {}) => {
    const answer = await agent.get(request(responseType, mode, more));
    if (mode === 'form_post') {
      const { action, fields } = readForm(answer.body);
      expect({ status: answer.status, action }).toEqual({ status: 200, action: callback });
      return { way: 'form_post', fields };
    }
    if (mode === 'web_message') {
      const { targetOrigin, response } = readWebMessage(answer.body);
      expect({ status: answer.status, targetOrigin }).toEqual({ status: 200, targetOrigin: origin });
      return { way: 'web_message', fields: response };
    }
    expect(answer.status).toBe(302);
    return {
      way: answer.location?.startsWith(`${callback}#`) ? 'fragment' : 'query',
      fields: answerParameters(answer),
    };
  };

  describe.each(responseTypes)('%s', (responseType) => {
    const words = responseType.split(' ');
    const hasToken = words.includes('token') || words.includes('id_token');

    test.each(modes.filter((mode) => !(hasToken && mode === 'query')))('in the mode %s', async (mode) => {
      const { way, fields } = await send(responseType, mode);
      expect(way).toBe(mode !== 'default' ? mode : hasToken ? 'fragment' : 'query');
      const members = [
        ...(words.includes('code') ? ['code'] : []),
        ...(words.includes('id_token') ? ['id_token'] : []),
        ...(words.includes('token') ? tokenMembers : []),
        'iss',
        'state',
      ];
      expect(Object.keys(fields).sort()).toEqual(members.sort());
      expect(fields).toMatchObject({ state: 'app-state', iss: getWorld().broker.issuerUrl });
      if (words.includes('token')) {
        expect(fields).toMatchObject({ token_type: 'Bearer', expires_in: '7200', scope: 'openid profile email' });
      }
    });

    test('in another order of its words', async () => {
      const reversed = words.toReversed().join(' ');
      const { fields } = await send(reversed, 'default');
      expect(Object.keys(fields).sort()).toEqual(Object.keys((await send(responseType, 'default')).fields).sort());
    });
  });

  test.each(responseTypes.filter((type) => type !== 'code'))(
    '%s never comes in a query: a token would stay in histories and logs',
    async (responseType) => {
      const { fields } = await send(responseType, 'query');
      expect(fields).toMatchObject({ error: 'invalid_request', state: 'app-state' });
      expect(fields.access_token ?? fields.id_token ?? fields.code).toBeUndefined();
    },
  );

  test.each(responseTypes.filter((type) => type.includes('id_token')))(
    'the ID token of %s is signed, bound to the nonce, and to what travels beside it',
    async (responseType) => {
      const world = getWorld();
      const { fields } = await send(responseType, 'fragment');
      const keys = createRemoteJWKSet(new URL(world.broker.url('.well-known/jwks.json')));
      const { payload } = await jwtVerify(fields.id_token ?? '', keys, {
        issuer: world.broker.issuerUrl,
        audience: 'web',
      });
      expect(payload.nonce).toBe('n-1');
      expect(payload.at_hash).toBe(fields.access_token === undefined ? undefined : halfHash(fields.access_token));
      expect(payload.c_hash).toBe(fields.code === undefined ? undefined : halfHash(fields.code));
    },
  );

  test('the code of a hybrid answer gives tokens for the same person', async () => {
    const { fields } = await send('code id_token', 'form_post');
    const { status, body } = await redeem(getWorld(), fields.code, { client_secret: web.secret });
    expect(status).toBe(200);
    expect(decodeJwt(String(body.id_token))).toMatchObject({ sub: decodeJwt(fields.id_token ?? '').sub, nonce: 'n-1' });
  });

  test('an access token for an API comes as JWT with its lifetime for browsers', async () => {
    const { fields } = await send('token', 'fragment', { audience });
    const claims = decodeJwt(fields.access_token ?? '');
    expect(claims.aud).toEqual([audience, `${getWorld().broker.issuerUrl}userinfo`]);
    expect(Number(claims.exp) - Number(claims.iat)).toBe(7_200);
    expect(fields.expires_in).toBe('7200');
  });

  test.each([
    ['no response type', { response_type: '' }, 'invalid_request', 'Missing required parameter: response_type'],
    [
      'an unknown one',
      { response_type: 'code magic' },
      'unsupported_response_type',
      'Unsupported response type: code magic',
    ],
    ['an unknown mode', { response_mode: 'smoke' }, 'invalid_request', 'Unsupported response mode: smoke'],
    [
      'an ID token without nonce',
      { response_type: 'id_token', nonce: '' },
      'invalid_request',
      'Missing required parameter: nonce',
    ],
    ['an unknown audience', { audience: 'urn:nowhere' }, 'access_denied', 'Service not found: urn:nowhere'],
    ['an unknown connection', { connection: 'nowhere' }, 'invalid_request', 'the connection was not found'],
    [
      'offline and online access',
      { scope: 'openid online_access offline_access' },
      'invalid_request',
      'Cannot request both online_access and offline_access scopes',
    ],
    [
      'tokens without the implicit grant',
      { client_id: 'code-only', response_type: 'token' },
      'unauthorized_client',
      "Grant type 'implicit' not allowed for the client.",
    ],
    [
      'a code without the code grant',
      { client_id: 'implicit-only' },
      'unauthorized_client',
      "Grant type 'authorization_code' not allowed for the client.",
    ],
  ])('%s goes to the callback as an error with the state', async (_, more, error, description) => {
    const answer = await createAgent().get(request('code', 'default', more));
    expect(answer.location?.startsWith(callback)).toBe(true);
    expect(answerParameters(answer)).toEqual({
      error,
      error_description: description,
      state: 'app-state',
      iss: getWorld().broker.issuerUrl,
    });
  });

  test('an error takes the way that its answer would have taken', async () => {
    const fragment = await agent.get(request('id_token token', 'default', { audience: 'urn:nowhere' }));
    expect(fragment.location).toMatch(/^https:\/\/app\.example\.com\/callback#error=access_denied&/);
    const form = await agent.get(request('code', 'form_post', { audience: 'urn:nowhere' }));
    expect(readForm(form.body)).toMatchObject({
      action: callback,
      fields: { error: 'access_denied', state: 'app-state' },
    });
    const message = await agent.get(request('code', 'web_message', { audience: 'urn:nowhere' }));
    expect(readWebMessage(message.body).response).toMatchObject({ error: 'access_denied', state: 'app-state' });
  });

  test.each([
    ['an unknown client', { client_id: 'nobody' }, 'Unknown client: nobody'],
    ['no client', { client_id: '' }, 'Missing required parameter: client_id'],
    ['a callback that is not listed', { redirect_uri: 'https://evil.example/callback' }, 'Callback URL mismatch.'],
    ['a callback in other letters', { redirect_uri: 'https://app.example.com/Callback' }, 'Callback URL mismatch.'],
  ])('%s is a page with the trace id, never a redirect', async (_, more, text) => {
    const answer = await agent.get(request('code', 'default', more));
    expect({ status: answer.status, location: answer.location }).toEqual({ status: 400, location: undefined });
    expect(answer.body).toContain(text);
    expect(answer.body).toMatch(/Trace ID<\/dt><dd><code>tr_\w{16}</);
  });
});
