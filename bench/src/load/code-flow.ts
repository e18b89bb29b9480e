import { hash, randomBytes } from 'node:crypto';
import type { BenchClient } from '../contestants/bench-client.ts';
import { createBrowser } from './browser.ts';
import { describe, type HttpClient } from './http-client.ts';

export type CodeFlow = {
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  /** Beside the standard ones: how this issuer is told which API and which connection. */
  readonly parameters: Readonly<Record<string, string>>;
};

export type Tokens = {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token?: string;
};

const formHeaders = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };

/** The whole road of one new person: browser to code, application to tokens. Throws at the first unexpected answer. */
export async function signIn(http: HttpClient, flow: CodeFlow, client: BenchClient, scope: string): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    scope,
    state,
    nonce: randomBytes(16).toString('base64url'),
    code_challenge: hash('sha256', verifier, 'base64url'),
    code_challenge_method: 'S256',
    ...flow.parameters,
  });
  const end = await createBrowser(http).followTo(`${flow.authorizationUrl}?${parameters}`, client.redirectUri);
  const answer = new URL(end).searchParams;
  const code = answer.get('code');
  if (code === null || answer.get('state') !== state) throw new Error(`the application was sent ${end}`);
  const tokens = await postToken(http, flow.tokenUrl, client, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: client.redirectUri,
    code_verifier: verifier,
  });
  if (typeof tokens.id_token !== 'string') throw new Error('the token endpoint gave no ID token');
  return tokens as Tokens;
}

export async function postToken(
  http: HttpClient,
  url: string,
  client: BenchClient,
  fields: Record<string, string>,
): Promise<Partial<Tokens> & { readonly access_token: string }> {
  const body = new URLSearchParams({ ...fields, client_id: client.clientId, client_secret: client.clientSecret });
  const answer = await http.request('POST', url, formHeaders, body.toString());
  if (answer.status !== 200) throw new Error(`${fields.grant_type} at ${url} answered ${describe(answer)}`);
  const tokens = JSON.parse(answer.body);
  if (typeof tokens.access_token !== 'string') throw new Error(`${fields.grant_type} gave no access token`);
  return tokens;
}

export const isJwt = (token: string): boolean => token.split('.').length === 3;

export const subjectOf = (jwt: string): string =>
  String(JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()).sub);
