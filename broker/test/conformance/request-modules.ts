import { decodeJwt } from 'jose';
import { expect } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { refresh, refreshed, spa, web } from '../support/applications.ts';
import {
  audience,
  authorizeUrl,
  callback,
  createPkce,
  machineSecret,
  postToken,
  redeem,
  webSecret,
} from '../support/world.ts';
import { authorize, type Fields, finish, type Op, open, parametersOf, readFields, signIn } from './relying-party.ts';

/*
 * Modules about how an application asks.
 */

/** Succeeds as if it were not there. */
const succeedsWith = (parameters: Fields) => async (op: Op) => {
  await signIn(op, parameters);
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (claims: Readonly<Record<string, unknown>>): string => `${encode({ alg: 'none' })}.${encode(claims)}.`;

/** An error page, and nobody is sent anywhere. */
async function showsPage(op: Op, changes: Fields, text: string): Promise<void> {
  const answer = await open(op, changes);
  expect({ status: answer.status, location: answer.location }).toEqual({ status: 400, location: undefined });
  expect(answer.body).toContain(text);
}

export const requestModules = {
  async 'oidcc-alternate-happy-flow'(op: Op) {
    const entries = Object.entries({ ...parametersOf(op), scope: 'email openid' }).reverse();
    await finish(op, await authorize(op, Object.fromEntries(entries)));
    const words = op.flow.responseType.split(' ').reverse().join(' ');
    await authorize(op, { response_type: words });
  },
  'oidcc-display-page': succeedsWith({ display: 'page' }),
  'oidcc-display-popup': succeedsWith({ display: 'popup' }),
  'oidcc-ui-locales': succeedsWith({ ui_locales: 'se' }),
  'oidcc-claims-locales': succeedsWith({ claims_locales: 'se' }),
  'oidcc-login-hint': succeedsWith({ login_hint: 'ada@example.com' }),
  'oidcc-ensure-request-with-acr-values-succeeds': succeedsWith({ acr_values: '1 2' }),
  'oidcc-ensure-request-with-unknown-parameter-succeeds': succeedsWith({ extra: 'foobar' }),
  'oidcc-ensure-registered-redirect-uri': (op: Op) =>
    showsPage(op, { redirect_uri: `${callback}/not-registered` }, 'Callback URL mismatch.'),
  'oidcc-ensure-redirect-uri-in-authorization-request': (op: Op) =>
    showsPage(op, { redirect_uri: undefined }, 'invalid_request'),
  'oidcc-redirect-uri-query-mismatch': (op: Op) =>
    showsPage(op, { redirect_uri: `${callback}?registered=no` }, 'Callback URL mismatch.'),
  'oidcc-redirect-uri-query-added': (op: Op) =>
    showsPage(op, { redirect_uri: `${callback}?foo=bar` }, 'Callback URL mismatch.'),
  async 'oidcc-ensure-post-request-succeeds'(op: Op) {
    const agent = createAgent();
    const url = new URL(authorizeUrl(op.world, parametersOf(op)));
    const first = await agent.post(`${url.origin}${url.pathname}`, Object.fromEntries(url.searchParams));
    const answer = await agent.follow(first.location ?? 'missing:', callback);
    await finish(op, { agent, fields: readFields(op, answer), sent: parametersOf(op) });
  },
  async 'oidcc-server-client-secret-post'(op: Op) {
    const { fields } = await authorize(op);
    const form = { grant_type: 'authorization_code', redirect_uri: callback, code: fields.code };
    expect((await postToken(op.world, { ...form, client_id: 'web', client_secret: webSecret })).status).toBe(200);
  },
  async 'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported'(op: Op) {
    const answer = await open(op, { request: unsigned({ ...parametersOf(op), state: 'in-the-object' }) });
    expect(readFields(op, answer).error).toBe('request_not_supported');
  },
  async 'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported'(op: Op) {
    const before = op.world.provider.counts.other;
    const answer = await open(op, { request_uri: `${op.world.provider.url}/request.jwt` });
    expect(readFields(op, answer).error).toBe('request_uri_not_supported');
    expect(op.world.provider.counts.other).toBe(before);
  },
  async 'oidcc-ensure-request-object-with-redirect-uri'(op: Op) {
    const elsewhere = 'https://app.example.com/other';
    const answer = await open(op, { request: unsigned({ ...parametersOf(op), redirect_uri: elsewhere }) });
    expect(readFields(op, answer).error).toBe('request_not_supported');
  },
  async 'oidcc-refresh-token'(op: Op) {
    const { refreshToken, claims } = await signIn(op, { scope: 'openid offline_access', max_age: '10000' });
    const renewed = await refreshed(op.world, web, refreshToken);
    expect(renewed.access_token).toEqual(expect.any(String));
    const { iss, sub, aud, auth_time: authTime } = claims;
    const again = decodeJwt(renewed.id_token ?? '');
    expect(again).toMatchObject({ iss, sub, aud });
    // OpenID Connect Core §12.2: it may be left out, and says nothing else than before.
    expect(again.auth_time ?? authTime).toBe(authTime);
    expect((await refresh(op.world, spa, refreshToken)).body.error).toBe('invalid_grant');
    const another = { clientId: 'machine', redirectUri: callback, secret: machineSecret };
    expect((await refresh(op.world, another, refreshToken, { audience })).status).toBe(403);
  },
  async 'oidcc-ensure-request-with-valid-pkce-succeeds'(op: Op) {
    const { verifier, challenge } = createPkce();
    const { fields } = await authorize(op, { code_challenge: challenge, code_challenge_method: 'S256' });
    expect((await redeem(op.world, fields.code, { code_verifier: verifier })).status).toBe(200);
  },
};
