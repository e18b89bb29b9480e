import type { JsonObject } from '../core/json.ts';
import type { ScriptEntry } from '../sandbox/sandbox.ts';

export const scriptKinds = ['profile', 'action', 'rule'] as const;
export type ScriptKind = (typeof scriptKinds)[number];

const encode = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const claims = {
  iss: 'https://provider.example/',
  aud: 'client-1',
  sub: 'sub-1',
  oid: 'oid-1',
  tid: 'tid-1',
  iat: 1704164645,
  exp: 4102444800,
  name: 'Person One',
  given_name: 'Person',
  family_name: 'One',
  nickname: 'person',
  preferred_username: 'person',
  email: 'person@example.com',
  email_verified: true,
  picture: 'https://provider.example/picture.png',
  locale: 'en-US',
};

/** A token answer with what providers add to it. */
const tokenAnswer = {
  access_token: 'corpus-access-token',
  token_type: 'Bearer',
  expires_in: 3600,
  scope: 'openid profile email',
  id_token: `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}.c2lnbmF0dXJl`,
  id: 'https://provider.example/id/org-1/user-1',
  user_id: 'user-1',
  email: 'person@example.com',
  name: 'Person One',
  client_id: 'client-1',
  client_secret: 'corpus-client-secret',
  requestTokenURL: 'https://provider.example/request_token',
  accessTokenURL: 'https://provider.example/access_token',
};

const user = {
  user_id: 'oauth2|corpus|user-1',
  email: 'person@example.com',
  email_verified: true,
  name: 'Person One',
  given_name: 'Person',
  family_name: 'One',
  nickname: 'person',
  picture: 'https://provider.example/picture.png',
  created_at: '2024-01-02T03:04:05.000Z',
  updated_at: '2024-01-02T03:04:05.000Z',
  app_metadata: {},
  user_metadata: {},
  identities: [{ connection: 'corpus', provider: 'oauth2', user_id: 'corpus|user-1', isSocial: true }],
};

const request = {
  ip: '192.0.2.1',
  hostname: 'tenant.example.com',
  method: 'GET',
  user_agent: 'Mozilla/5.0',
  language: 'en',
  query: {},
  body: {},
  geoip: { countryCode: 'DE', countryName: 'Germany', cityName: 'Berlin', timeZone: 'Europe/Berlin' },
};

const event = {
  user,
  request,
  secrets: {},
  connection: { id: 'con_corpus', name: 'corpus', strategy: 'oauth2', metadata: {} },
  client: { client_id: 'client-1', name: 'Corpus', metadata: {} },
  transaction: {
    acr_values: [],
    locale: 'en',
    metadata: {},
    protocol: 'oidc-basic-profile',
    requested_scopes: ['openid'],
    ui_locales: [],
  },
  authentication: { methods: [{ name: 'federated', timestamp: '2024-01-02T03:04:05.000Z' }] },
  stats: { logins_count: 1 },
  tenant: { id: 'corpus' },
  session: { id: 'session-1' },
  accessToken: { customClaims: {}, scope: [] },
};

const context = {
  clientID: 'client-1',
  clientName: 'Corpus',
  clientMetadata: {},
  connection: 'corpus',
  connectionMetadata: {},
  connectionOptions: { domain_aliases: ['example.com'] },
  connectionStrategy: 'oauth2',
  riskAssessment: { confidence: 'high', version: '1', assessments: {} },
  protocol: 'oidc-basic-profile',
  tenant: 'corpus',
  stats: { loginsCount: 1 },
  request: {
    ip: '192.0.2.1',
    hostname: 'tenant.example.com',
    userAgent: 'Mozilla/5.0',
    query: {},
    body: {},
    geoip: { country_code: 'DE', country_name: 'Germany', city_name: 'Berlin', time_zone: 'Europe/Berlin' },
  },
  authentication: { methods: [{ name: 'federated', timestamp: 1704164645000 }] },
  accessToken: {},
  idToken: {},
  samlConfiguration: {},
  sso: {},
  sessionID: 'session-1',
};

const api = {
  cache: {},
  redirect: {
    mayRedirect: true,
    issuer: 'https://tenant.example.com/',
    subject: user.user_id,
    ip: request.ip,
    state: undefined,
    parameters: {},
  },
};

/** How a script of the kind is entered, with what a tenant would hand it. */
export function entryOf(kind: ScriptKind, source: string): ScriptEntry {
  if (kind === 'profile') return { kind: 'callback', arguments: [tokenAnswer.access_token, tokenAnswer] };
  if (kind === 'rule') return { kind: 'rule', user, context };
  const isMachine = source.includes('onExecuteCredentialsExchange') && !source.includes('onExecutePostLogin');
  return isMachine
    ? {
        kind: 'action',
        handler: 'onExecuteCredentialsExchange',
        event,
        api: { ...api, trigger: 'credentials-exchange' },
      }
    : { kind: 'action', handler: 'onExecutePostLogin', event, api: { ...api, trigger: 'post-login' } };
}
