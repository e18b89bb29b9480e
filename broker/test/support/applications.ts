import { request } from 'undici';
import { expect } from 'vitest';
import { type Agent, createAgent } from './agent.ts';
import type { ProviderUser } from './provider.ts';
import {
  authorizeUrl,
  callback,
  createPkce,
  postToken,
  type Reachable,
  signIn,
  spaCallback,
  type TokenResponse,
  type World,
  webSecret,
} from './world.ts';

/** What an application of the seed brings to every request. */
export type Application = {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly secret: string | undefined;
};

export const web: Application = { clientId: 'web', redirectUri: callback, secret: webSecret };
export const spa: Application = { clientId: 'spa', redirectUri: spaCallback, secret: undefined };

export type Tokens = {
  readonly access_token: string;
  readonly expires_in: number;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly scope?: string;
};
type Parameters = Readonly<Record<string, string | undefined>>;

let people = 0;

/** Somebody whom the provider knows from now on: send the id as `login_hint`. */
export function addPerson(
  { provider }: Pick<World, 'provider'>,
  attributes: Readonly<Record<string, unknown>> = {},
): ProviderUser {
  people += 1;
  const id = `person-${people}`;
  const person: ProviderUser = {
    id,
    email: `${id}@example.com`,
    email_verified: true,
    name: 'Ada Byron',
    ...attributes,
  };
  provider.addUser(person);
  return person;
}

/** The whole road of an application: sign-in with PKCE, code, tokens. */
export async function obtainTokens(
  world: Reachable,
  application: Application,
  parameters: Parameters = {},
  agent: Agent = createAgent(),
): Promise<Tokens & { readonly agent: Agent }> {
  const pkce = createPkce();
  const { answer } = await signIn(
    world,
    {
      client_id: application.clientId,
      redirect_uri: application.redirectUri,
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
      ...parameters,
    },
    agent,
  );
  const { status, body } = await postToken(world, {
    grant_type: 'authorization_code',
    client_id: application.clientId,
    client_secret: application.secret,
    redirect_uri: application.redirectUri,
    code: answer.code,
    code_verifier: pkce.verifier,
  });
  expect(status, JSON.stringify({ answer, body })).toBe(200);
  return { ...(body as Tokens), agent };
}

export const refresh = (
  world: Reachable,
  application: Application,
  refreshToken: string | undefined,
  more: Parameters = {},
): Promise<TokenResponse> =>
  postToken(world, {
    grant_type: 'refresh_token',
    client_id: application.clientId,
    client_secret: application.secret,
    refresh_token: refreshToken,
    ...more,
  });

/** The tokens of an exchange that must succeed. */
export async function refreshed(...given: ArgumentsOf<typeof refresh>): Promise<Tokens> {
  const { status, body } = await refresh(...given);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as Tokens;
}
type ArgumentsOf<Of extends (...given: never[]) => unknown> = Of extends (...given: infer Given) => unknown
  ? Given
  : never;

export type Userinfo = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

export async function readUserinfo({ broker }: Reachable, accessToken: string): Promise<Userinfo> {
  const response = await request(broker.url('userinfo'), { headers: { authorization: `Bearer ${accessToken}` } });
  return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
}

/** An /authorize address that asks without showing anything, as a hidden iframe of the single-page application does. */
export const silentUrl = (world: Reachable, parameters: Parameters = {}): string =>
  authorizeUrl(world, {
    client_id: 'spa',
    redirect_uri: spaCallback,
    response_mode: 'web_message',
    prompt: 'none',
    connection: undefined,
    code_challenge: createPkce().challenge,
    code_challenge_method: 'S256',
    ...parameters,
  });

export type WebMessage = { readonly targetOrigin: string; readonly response: Readonly<Record<string, string>> };

/** What a web message page would post. */
export function readWebMessage(page: string): WebMessage {
  const json = /<script type="application\/json" id="message">(.*?)<\/script>/s.exec(page)?.[1];
  if (json === undefined) throw new Error(`no web message in: ${page}`);
  return JSON.parse(json);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const decodeEntities = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => entities[name] ?? '');

export type PageForm = { readonly action: string; readonly fields: Readonly<Record<string, string>> };

/** The form of a page, with its hidden fields. */
export function readForm(page: string): PageForm {
  const action = /<form method="post" action="([^"]*)"/.exec(page)?.[1];
  if (action === undefined) throw new Error(`no form in: ${page}`);
  const inputs = page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g);
  const fields = [...inputs].map(([, name = '', value = '']) => [decodeEntities(name), decodeEntities(value)]);
  return { action: decodeEntities(action), fields: Object.fromEntries(fields) };
}

/** Where a hand-off page leads. */
export function readHandoff(page: string): string {
  const href = /<meta http-equiv="refresh" content="0;url=([^"]*)">/.exec(page)?.[1];
  if (href === undefined) throw new Error(`no hand-off in: ${page}`);
  return decodeEntities(href);
}
