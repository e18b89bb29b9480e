import { createHash } from 'node:crypto';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { expect } from 'vitest';
import { type Agent, type Answer, createAgent } from '../support/agent.ts';
import { readForm } from '../support/applications.ts';
import { answerParameters, authorizeUrl, callback, redeem, type World } from '../support/world.ts';

/*
 * The application of the conformance suite: it asks by one response type and mode, and believes nothing that does not
 * verify. `jose` is the judge of signatures.
 */

export type Flow = {
  readonly plan: string;
  readonly responseType: string;
  readonly mode: 'default' | 'form_post';
};

/** What a module is given. */
export type Op = { readonly world: World; readonly flow: Flow };

export type Fields = Readonly<Record<string, string | undefined>>;
export type Answered = { readonly agent: Agent; readonly fields: Record<string, string>; readonly sent: Fields };

export const has = ({ responseType }: Flow, kind: 'code' | 'token' | 'id_token'): boolean =>
  responseType.split(' ').includes(kind);

/** What the modules send, changed as given; undefined leaves a parameter out. */
export const parametersOf = ({ flow }: Op, changes: Fields = {}): Fields => ({
  scope: 'openid',
  nonce: 'nonce-of-the-suite',
  state: 'state-of-the-suite',
  response_type: flow.responseType,
  ...(flow.mode === 'form_post' ? { response_mode: 'form_post' } : {}),
  ...changes,
});

/** The browser's road, to wherever it ends. */
export const open = (op: Op, changes: Fields = {}, agent = createAgent()): Promise<Answer> =>
  agent.follow(authorizeUrl(op.world, parametersOf(op, changes)), changes.redirect_uri ?? callback);

/** Without a connection named: a session answers, or nobody does. */
export const openSilently = (op: Op, agent: Agent, changes: Fields = {}): Promise<Answer> =>
  open(op, { connection: undefined, prompt: 'none', ...changes }, agent);

/** An answer at the callback, in the mode that the flow asked for and in no other. */
export function readFields({ flow }: Op, answer: Answer): Record<string, string> {
  if (flow.mode === 'form_post') {
    expect(answer.location, answer.body).toBeUndefined();
    const { action, fields } = readForm(answer.body);
    expect(action).toBe(callback);
    return { ...fields };
  }
  const { search, hash } = new URL(answer.location ?? `missing: ${answer.body}`);
  expect(flow.responseType === 'code' ? hash : search).toBe('');
  return answerParameters(answer);
}

export async function authorize(op: Op, changes: Fields = {}, agent = createAgent()): Promise<Answered> {
  const fields = readFields(op, await open(op, changes, agent));
  const sent = parametersOf(op, changes);
  expect(fields.error_description ?? fields.error).toBeUndefined();
  expect(fields.state).toBe(sent.state);
  for (const [kind, name] of [
    ['code', 'code'],
    ['token', 'access_token'],
    ['id_token', 'id_token'],
  ] as const) {
    expect(fields[name] !== undefined, `${name} in the answer`).toBe(has(op.flow, kind));
  }
  return { agent, fields, sent };
}

/** Everything that an application has after a sign-in. */
export type SignedIn = {
  readonly agent: Agent;
  readonly claims: JWTPayload;
  readonly idToken: string;
  /** undefined: the response type gives none. */
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
  readonly code: string | undefined;
};

export async function signIn(op: Op, changes: Fields = {}, agent = createAgent()): Promise<SignedIn> {
  return finish(op, await authorize(op, changes, agent));
}

/** Verifies what came by the front channel, redeems the code, and verifies what came for it. */
export async function finish(op: Op, { agent, fields, sent }: Answered): Promise<SignedIn> {
  const front =
    fields.id_token === undefined ? undefined : await verify(op, fields.id_token, { ...fields, ...pick(sent) });
  if (fields.code === undefined) {
    return { agent, claims: front ?? {}, idToken: fields.id_token ?? '', accessToken: fields.access_token, ...none };
  }
  const { status, body } = await redeem(op.world, fields.code);
  expect(status, JSON.stringify(body)).toBe(200);
  const [idToken, accessToken] = [String(body.id_token), String(body.access_token)];
  const claims = await verify(op, idToken, { ...pick(sent), access_token: accessToken });
  if (front !== undefined) expect(claims).toMatchObject({ iss: front.iss, sub: front.sub });
  const refreshToken = typeof body.refresh_token === 'string' ? body.refresh_token : undefined;
  return { agent, claims, idToken, accessToken, refreshToken, code: fields.code };
}

const none = { refreshToken: undefined, code: undefined };
const pick = ({ nonce }: Fields): Fields => ({ nonce });

/** OpenID Connect Core §3.1.3.7, §3.2.2.9 and §3.3.2.11: claims, nonce, and the hashes of what came with the token. */
async function verify({ world }: Op, idToken: string, beside: Fields): Promise<JWTPayload> {
  const keys = createRemoteJWKSet(new URL(world.broker.url('.well-known/jwks.json')));
  const currentDate = world.broker.clock.now();
  const expected = { issuer: world.broker.issuerUrl, audience: 'web', algorithms: ['RS256'], currentDate };
  const { payload, protectedHeader } = await jwtVerify(idToken, keys, expected);
  expect(protectedHeader.kid).toEqual(expect.any(String));
  expect(payload).toMatchObject({ sub: expect.any(String), iat: expect.any(Number), exp: expect.any(Number) });
  expect(payload.nonce).toBe(beside.nonce);
  if (beside.access_token !== undefined && 'at_hash' in payload)
    expect(payload.at_hash).toBe(half(beside.access_token));
  if (beside.code !== undefined) {
    // From the front channel both hashes are required, as far as there is something to hash.
    expect(payload.c_hash).toBe(half(beside.code));
    if (beside.access_token !== undefined) expect(payload.at_hash).toBe(half(beside.access_token));
  }
  return payload;
}

const half = (text: string): string => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
