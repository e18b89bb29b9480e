import { Pool } from 'undici';
import { createAgent } from '../support/agent.ts';
import { callbacksOf } from './clients.ts';
import { type Draft, getDraft, type Handles, type Preparation, postDraft, set } from './draft.ts';
import { prepare } from './prepare.ts';
import { createProof } from './proofs.ts';
import { type Sent, serialize } from './serialize.ts';
import type { Response } from './verdict.ts';

/** One of the two servers under comparison, asked over kept connections, byte for byte as the request was written. */
export type Server = {
  readonly url: string;
  send(sent: Sent): Promise<Response>;
  /** Fresh codes and tokens; the same steps on both servers. */
  prepare(preparation: Preparation | undefined): Promise<Handles>;
  close(): Promise<void>;
};

/** What a preparation needs: to ask, and to decide for the person whose device has this code. */
export type Asking = {
  readonly none: Handles;
  ask(draft: Draft, handles?: Handles): Promise<Response>;
  decide: Decide;
};
export type Decide = (userCode: string, decision: 'allowed' | 'denied', cookies: Map<string, string>) => Promise<void>;

/** `issuer`: the URL, with a slash at its end or without. Signs a person in first: the session answers from then on. */
export async function connect(issuer: string, decide: Decide): Promise<Server> {
  const url = issuer.replace(/\/$/, '');
  const empty: Handles = { code: '', refreshToken: '', deviceCode: '', requestUri: '', issuer, url, nonce: '' };
  const agent = createAgent();
  const opening = serialize(set(authorizeFor('web'), 'connection', 'mapped'), empty);
  const last = await agent.follow(`${url}${opening.path}`, callbacksOf.web[0] ?? '');
  if (!last.location?.includes('code=')) throw new Error(`no sign-in at ${url}: ${last.status} ${last.body}`);
  const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const pool = new Pool(url, { connections: 8, keepAliveTimeout: 60_000 });
  let nonce = '';

  async function send({ draft, path, body, headers }: Sent): Promise<Response> {
    const isSignedIn = draft.endpoint === 'authorize' && draft.isSignedIn;
    const answer = await pool.request({
      path,
      method: draft.method,
      headers: { ...headers, ...(isSignedIn ? { cookie } : {}) },
      body,
    });
    const { location, 'dpop-nonce': next } = answer.headers;
    if (typeof next === 'string') nonce = next;
    return {
      status: answer.statusCode,
      location: typeof location === 'string' ? location : undefined,
      body: await answer.body.text(),
    };
  }

  // Refused for its nonce, with the right one.
  const withoutNonce = { claims: () => ({ nonce: undefined }) };
  const first = postDraft({ client_id: 'spa', grant_type: 'refresh_token', refresh_token: 'x' }, 'for a nonce');
  const proof: Draft['proof'] = (handles, path) => createProof(handles, path, withoutNonce);
  await send(serialize({ ...first, proof }, empty));
  if (nonce === '') throw new Error(`no nonce from ${url}`);

  const asking = (): Asking => {
    const none = { ...empty, nonce };
    return {
      none,
      ask: (draft, handles = none) => send(serialize(draft, handles)),
      decide: (userCode, decision) => decide(userCode, decision, new Map(agent.cookies)),
    };
  };
  return { url, send, prepare: (preparation) => prepare(asking(), preparation), close: () => pool.close() };
}

/** Consent is asked for because the library gives no refresh token without it. */
export const authorizeFor = (client: Preparation['client'], namesRedirectUri = true): Draft =>
  getDraft(
    {
      client_id: client,
      response_type: 'code',
      scope: 'openid profile offline_access',
      prompt: 'consent',
      ...(namesRedirectUri ? { redirect_uri: callbacksOf[client][0] ?? '' } : {}),
    },
    'preparation',
  );
