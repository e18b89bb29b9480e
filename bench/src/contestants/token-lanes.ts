import { type CodeFlow, isJwt, postToken, signIn, type Tokens } from '../load/code-flow.ts';
import { describe, type HttpClient } from '../load/http-client.ts';
import { concurrency, type Lane, loops } from '../load/lane.ts';
import { api, type BenchClient, benchClient, rotatingClient } from './bench-client.ts';
import { type Issuer, withParameters } from './issuer.ts';

/** What each lane of the token run is called, after the issuer's name. */
export const kinds = {
  clientCredentials: 'client credentials',
  refresh: 'refresh, non-rotating',
  refreshRotating: 'refresh, rotating',
  userinfo: 'userinfo, opaque token',
  userinfoJwt: 'userinfo, JWT',
} as const;

export const laneName = (issuer: { readonly name: string }, kind: string): string => `${issuer.name} ${kind}`;

const everyWorker = <Result>(make: () => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: concurrency }, make));

export function clientCredentialsLane(http: HttpClient, issuer: Issuer): Lane {
  return {
    name: laneName(issuer, kinds.clientCredentials),
    pid: issuer.pid,
    signatures: 1,
    run: loops(async () => {
      const fields = { grant_type: 'client_credentials', scope: api.scope, ...issuer.apiParameters };
      const { access_token } = await postToken(http, issuer.flow.tokenUrl, benchClient, fields);
      if (!isJwt(access_token)) throw new Error('the access token is not a JWT');
    }),
  };
}

/** Each worker has the refresh token of a person of its own; all are new in each slice, so that no chain grows long. */
export function refreshLane(http: HttpClient, issuer: Issuer, flow: CodeFlow, client: BenchClient): Lane {
  const isRotating = client.rotation === 'rotating';
  const scope = `openid profile email offline_access ${api.scope}`;
  const offline = withParameters(flow, issuer.apiParameters, issuer.offlineParameters);
  let refreshTokens: string[] = [];
  return {
    name: laneName(issuer, isRotating ? kinds.refreshRotating : kinds.refresh),
    pid: issuer.pid,
    signatures: 2,
    async prepare() {
      const people = await everyWorker(() => signIn(http, offline, client, scope));
      refreshTokens = people.map(refreshTokenOf);
    },
    run: loops(async (worker) => {
      const spent = refreshTokens[worker] ?? '';
      const fields = { grant_type: 'refresh_token', refresh_token: spent };
      const tokens = await postToken(http, issuer.flow.tokenUrl, client, fields);
      if (!isJwt(tokens.access_token)) throw new Error('the access token is not a JWT');
      if (typeof tokens.id_token !== 'string') throw new Error('no ID token came with the refresh');
      const next = tokens.refresh_token ?? spent;
      if (isRotating === (next === spent)) throw new Error(`the refresh token ${isRotating ? 'stayed' : 'changed'}`);
      refreshTokens[worker] = next;
    }),
  };
}

function refreshTokenOf(tokens: Tokens): string {
  if (typeof tokens.refresh_token !== 'string') throw new Error('the sign-in gave no refresh token');
  return tokens.refresh_token;
}

export function userinfoLane(http: HttpClient, issuer: Issuer, flow: CodeFlow, token: 'opaque' | 'jwt'): Lane {
  const asked = token === 'jwt' ? withParameters(flow, issuer.apiParameters) : flow;
  let accessTokens: string[] = [];
  return {
    name: laneName(issuer, token === 'jwt' ? kinds.userinfoJwt : kinds.userinfo),
    pid: issuer.pid,
    signatures: 0,
    async prepare() {
      const people = await everyWorker(() => signIn(http, asked, benchClient, 'openid profile email'));
      accessTokens = people.map((tokens) => tokens.access_token);
      if (accessTokens.some((accessToken) => isJwt(accessToken) !== (token === 'jwt'))) {
        throw new Error(`${issuer.name} did not give a token of the kind ${token}`);
      }
    },
    run: loops(async (worker) => {
      const headers = { authorization: `Bearer ${accessTokens[worker]}` };
      const answer = await http.request('GET', issuer.userinfoUrl, headers);
      if (answer.status !== 200) throw new Error(`userinfo answered ${describe(answer)}`);
      const { sub, email } = JSON.parse(answer.body);
      if (typeof sub !== 'string' || typeof email !== 'string') throw new Error(`userinfo says ${answer.body}`);
    }),
  };
}

export const refreshClients = [benchClient, rotatingClient] as const;
