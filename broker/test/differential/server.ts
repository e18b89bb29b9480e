import { Pool } from 'undici';
import { createAgent } from '../support/agent.ts';
import { callbacksOf, challenge, secretsOf, verifier } from './clients.ts';
import type { Handles, Preparation } from './draft.ts';
import { append, getDraft, postDraft, set } from './draft.ts';
import { type Sent, serialize } from './serialize.ts';
import { type Response, readAnswer } from './verdict.ts';

/** One of the two servers under comparison, asked over kept connections, byte for byte as the request was written. */
export type Server = {
  readonly url: string;
  send(sent: Sent): Promise<Response>;
  /** Fresh codes and tokens; the same steps on both servers. */
  prepare(preparation: Preparation | undefined): Promise<Handles>;
  close(): Promise<void>;
};

const none: Handles = { code: '', refreshToken: '' };

/** Signs a person in first: the session answers from then on. */
export async function connect(url: string): Promise<Server> {
  const agent = createAgent();
  const opening = serialize(set(authorizeFor('web'), 'connection', 'mapped'), none);
  const last = await agent.follow(`${url}${opening.path}`, callbacksOf.web[0] ?? '');
  if (!last.location?.includes('code=')) throw new Error(`no sign-in at ${url}: ${last.status} ${last.body}`);
  const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const pool = new Pool(url, { connections: 8, keepAliveTimeout: 60_000 });

  async function send({ draft, path, body, headers }: Sent): Promise<Response> {
    const isSignedIn = draft.endpoint === 'authorize' && draft.isSignedIn;
    const answer = await pool.request({
      path,
      method: draft.method,
      headers: { ...headers, ...(isSignedIn ? { cookie } : {}) },
      body,
    });
    const { location } = answer.headers;
    return {
      status: answer.statusCode,
      location: typeof location === 'string' ? location : undefined,
      body: await answer.body.text(),
    };
  }

  async function getCode(preparation: Preparation): Promise<string> {
    let draft = authorizeFor(preparation.client, preparation.namesRedirectUri);
    if (preparation.hasChallenge) {
      draft = append(append(draft, 'code_challenge', challenge), 'code_challenge_method', 'S256');
    }
    const answer = readAnswer(await send(serialize(draft, none)), url);
    if (answer === undefined || answer === 'asks' || answer.fields.code === undefined) {
      throw new Error(`no code from ${url}: ${JSON.stringify(answer)}`);
    }
    return answer.fields.code;
  }

  async function redeem(preparation: Preparation, code: string, sentVerifier = verifier): Promise<string> {
    const { client, hasChallenge } = preparation;
    const draft = postDraft(
      {
        grant_type: 'authorization_code',
        code,
        redirect_uri: callbacksOf[client][0] ?? '',
        ...credentialsOf(client),
        ...(hasChallenge ? { code_verifier: sentVerifier } : {}),
      },
      'redemption',
    );
    return refreshTokenOf(await send(serialize(draft, none)));
  }

  async function refresh({ client }: Preparation, refreshToken: string): Promise<void> {
    const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken, ...credentialsOf(client) };
    const { status } = await send(serialize(postDraft(parameters, 'refresh'), none));
    if (status !== 200) throw new Error(`no refresh at ${url}: ${status}`);
  }

  async function prepare(preparation: Preparation | undefined): Promise<Handles> {
    if (preparation === undefined) return none;
    const code = await getCode(preparation);
    if (preparation.before === 'tried with a wrong verifier') await redeem(preparation, code, `${verifier}-not`);
    const isRedeemed = preparation.gives === 'refresh token' || preparation.before === 'redeemed';
    const refreshToken = isRedeemed ? await redeem(preparation, code) : '';
    if (preparation.before === 'refreshed') await refresh(preparation, refreshToken);
    return { code, refreshToken };
  }

  return { url, send, prepare, close: () => pool.close() };
}

/** Consent is asked for because the library gives no refresh token without it. */
const authorizeFor = (client: Preparation['client'], namesRedirectUri = true) =>
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

function credentialsOf(client: Preparation['client']): Record<string, string> {
  const secret = secretsOf[client];
  return secret === undefined ? { client_id: client } : { client_id: client, client_secret: secret };
}

function refreshTokenOf({ body }: Response): string {
  const answer = JSON.parse(body) as { readonly refresh_token?: unknown };
  return typeof answer.refresh_token === 'string' ? answer.refresh_token : '';
}
