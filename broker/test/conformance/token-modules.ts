import { decodeProtectedHeader } from 'jose';
import { request } from 'undici';
import { expect } from 'vitest';
import { readUserinfo } from '../support/applications.ts';
import { startBroker } from '../support/broker.ts';
import { redeem } from '../support/world.ts';
import {
  authorize,
  type Fields,
  finish,
  has,
  type Op,
  open,
  readFields,
  type SignedIn,
  signIn,
} from './relying-party.ts';

/*
 * Modules about what an application gets.
 */

const secondsOf = ({ world }: Op): number => world.broker.clock.now().getTime() / 1000;

async function readClaims({ world }: Op, { accessToken = '' }: SignedIn): Promise<Record<string, unknown>> {
  const { status, text } = await readUserinfo(world, accessToken);
  expect(status, text).toBe(200);
  return JSON.parse(text);
}

/** Where no access token is given, the ID token has the claims (OpenID Connect Core §5.4). */
async function claimsOf(op: Op, scope: string): Promise<Record<string, unknown>> {
  const signedIn = await signIn(op, { scope });
  const claims = signedIn.accessToken === undefined ? signedIn.claims : await readClaims(op, signedIn);
  expect(claims.sub).toBe(signedIn.claims.sub ?? claims.sub);
  return claims;
}

const profile = { name: 'Ada Lovelace', picture: expect.stringContaining('https://') };
const email = { email: 'ada@example.com', email_verified: true };

export const tokenModules = {
  async 'oidcc-server'(op: Op) {
    const { claims, accessToken } = await signIn(op);
    if (has(op.flow, 'code') || has(op.flow, 'id_token')) {
      expect(Math.abs(Number(claims.iat) - secondsOf(op))).toBeLessThan(5);
      expect(Number(claims.exp)).toBeGreaterThan(Number(claims.iat));
    }
    expect(accessToken !== undefined).toBe(has(op.flow, 'code') || has(op.flow, 'token'));
  },
  async 'oidcc-response-type-missing'(op: Op) {
    const answer = await open(op, { response_type: undefined });
    const mode = op.flow.mode === 'form_post' ? op.flow.mode : 'default';
    const { error } = readFields({ ...op, flow: { ...op.flow, responseType: 'code', mode } }, answer);
    expect(error).toBe('invalid_request');
  },
  async 'oidcc-idtoken-signature'(op: Op) {
    const { idToken } = await signIn(op);
    expect(decodeProtectedHeader(idToken)).toMatchObject({ alg: 'RS256', kid: expect.any(String) });
  },
  async 'oidcc-idtoken-unsigned'() {
    const client = { client_id: 'unsigned', name: 'x', jwt_configuration: { alg: 'none' } };
    const start = startBroker({ seed: { clients: [client] } as never });
    await expect(start).rejects.toThrow('jwt_configuration');
  },
  async 'oidcc-userinfo-get'(op: Op) {
    const signedIn = await signIn(op);
    const { sub } = await readClaims(op, signedIn);
    expect(sub).toBe(signedIn.claims.sub ?? sub);
  },
  'oidcc-userinfo-post-header': (op: Op) => postUserinfo(op, (token) => ({ authorization: `Bearer ${token}` })),
  'oidcc-userinfo-post-body': (op: Op) =>
    postUserinfo(
      op,
      () => ({}),
      (token) => ({ access_token: token }),
    ),
  async 'oidcc-ensure-request-without-nonce-succeeds-for-code-flow'(op: Op) {
    expect((await signIn(op, { nonce: undefined })).claims).not.toHaveProperty('nonce');
  },
  async 'oidcc-ensure-request-without-nonce-fails'(op: Op) {
    const answer = await open(op, { nonce: undefined });
    expect(readFields(op, answer).error).toBe('invalid_request');
  },
  async 'oidcc-scope-profile'(op: Op) {
    expect(await claimsOf(op, 'openid profile')).toMatchObject(profile);
  },
  async 'oidcc-scope-email'(op: Op) {
    expect(await claimsOf(op, 'openid email')).toMatchObject(email);
  },
  /** Auth0 has neither claim among those of a scope: the request succeeds, and nothing comes of it. */
  async 'oidcc-scope-address'(op: Op) {
    expect(await claimsOf(op, 'openid address')).not.toHaveProperty('address');
  },
  async 'oidcc-scope-phone'(op: Op) {
    expect(await claimsOf(op, 'openid phone')).not.toHaveProperty('phone_number');
  },
  async 'oidcc-scope-all'(op: Op) {
    expect(await claimsOf(op, 'openid profile email address phone')).toMatchObject({ ...profile, ...email });
  },
  async 'oidcc-claims-essential'(op: Op) {
    const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
    const signedIn = await finish(op, await authorize(op, { claims, scope: 'openid profile' }));
    const given = signedIn.accessToken === undefined ? signedIn.claims : await readClaims(op, signedIn);
    expect(given).toMatchObject({ name: 'Ada Lovelace' });
  },
  async 'oidcc-codereuse'(op: Op) {
    await reuse(op, 0);
  },
  async 'oidcc-codereuse-30seconds'(op: Op) {
    await reuse(op, 30);
  },
};

async function postUserinfo(
  op: Op,
  headers: (token: string) => Readonly<Record<string, string>>,
  form: (token: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<void> {
  const { accessToken = '', claims } = await signIn(op);
  const response = await request(op.world.broker.url('userinfo'), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers(accessToken) },
    body: new URLSearchParams(form(accessToken)).toString(),
  });
  const body = (await response.body.json()) as Fields;
  expect(response.statusCode, JSON.stringify(body)).toBe(200);
  expect(body.sub).toBe(claims.sub ?? body.sub);
}

/** RFC 6749 §4.1.2: the second try fails, and what the first one got is worth nothing any more. */
async function reuse(op: Op, afterSeconds: number): Promise<void> {
  const { code, accessToken = '' } = await signIn(op);
  expect((await readUserinfo(op.world, accessToken)).status).toBe(200);
  op.world.broker.clock.advance(afterSeconds);
  expect((await redeem(op.world, code)).body.error).toBe('invalid_grant');
  expect((await readUserinfo(op.world, accessToken)).status).toBe(401);
}
