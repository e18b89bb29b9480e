import { randomBytes } from 'node:crypto';
import { postToken, signIn } from '../load/code-flow.ts';
import { describe, type HttpClient } from '../load/http-client.ts';
import { api, benchClient } from './bench-client.ts';
import { type Issuer, withParameters } from './issuer.ts';
import { mappingConnection } from './portico-seed.ts';

/** Two wrong guesses that somebody would like to tell apart by how long the refusal takes. */
export type GuessPair = {
  readonly name: string;
  readonly left: string;
  readonly right: string;
  guess(side: 'left' | 'right'): Promise<void>;
};

const formHeaders = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };

/** Another letter at one place; `at` counts from the end where it is negative. */
function changedAt(text: string, at: number): string {
  const place = at < 0 ? text.length + at : at;
  return `${text.slice(0, place)}${text[place] === 'A' ? 'B' : 'A'}${text.slice(place + 1)}`;
}

/** Of client secrets, clients, refresh tokens and the signatures of tokens for the Management API. */
export async function guessPairs(http: HttpClient, issuer: Issuer): Promise<GuessPair[]> {
  const { clientId, clientSecret } = benchClient;
  const origin = new URL(issuer.flow.tokenUrl).origin;
  const flow = withParameters(issuer.flow, { connection: mappingConnection }, issuer.apiParameters);
  const { refresh_token: refreshToken = '' } = await signIn(http, flow, benchClient, 'openid offline_access');
  const fields = { grant_type: 'client_credentials', scope: api.scope, ...issuer.apiParameters };
  const { access_token: token } = await postToken(http, issuer.flow.tokenUrl, benchClient, fields);

  const post = async (form: Readonly<Record<string, string>>, status: number) => {
    const answer = await http.request('POST', issuer.flow.tokenUrl, formHeaders, new URLSearchParams(form).toString());
    if (answer.status !== status) throw new Error(`a wrong guess was answered with ${describe(answer)}`);
  };
  const ask = async (bearer: string) => {
    const answer = await http.request('GET', `${origin}/api/v2/clients`, { authorization: `Bearer ${bearer}` });
    if (answer.status !== 401) throw new Error(`a wrong token was answered with ${describe(answer)}`);
  };
  const withSecret = (client_id: string, client_secret: string) => post({ ...fields, client_id, client_secret }, 401);
  const withRefreshToken = (refresh_token: string) => {
    const form = { grant_type: 'refresh_token', client_id: clientId, client_secret: clientSecret, refresh_token };
    return post(form, 403);
  };
  const signature = token.lastIndexOf('.') + 1;
  const unknown = randomBytes(clientId.length).toString('hex').slice(0, clientId.length);
  return [
    {
      name: 'client secret',
      left: 'first letter wrong',
      right: 'last letter wrong',
      guess: (side) => withSecret(clientId, changedAt(clientSecret, side === 'left' ? 0 : -1)),
    },
    {
      name: 'client',
      left: 'known, wrong secret',
      right: 'unknown',
      guess: (side) => withSecret(side === 'left' ? clientId : unknown, changedAt(clientSecret, 0)),
    },
    {
      name: 'refresh token',
      left: 'first letter wrong',
      right: 'last letter wrong',
      guess: (side) => withRefreshToken(changedAt(refreshToken, side === 'left' ? 3 : -1)),
    },
    {
      name: 'Management API token',
      left: 'signature wrong at its beginning',
      right: 'signature wrong at its end',
      guess: (side) => ask(changedAt(token, side === 'left' ? signature : -3)),
    },
  ];
}
