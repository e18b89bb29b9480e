import { type ClientName, secretsOf } from './clients.ts';
import { type Draft, remove } from './draft.ts';
import { type Mutation, specifics } from './mutations.ts';

/*
 * What only the token endpoint can be sent: credentials in the header, content types, JSON.
 */

/** Every title begins with the client; a public one borrows a secret to be refused with. */
const id = (draft: Draft): string => draft.title.slice(0, draft.title.indexOf(','));
const secret = (draft: Draft): string => secretsOf[id(draft) as ClientName] ?? secretsOf.web ?? '';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const headers: readonly (readonly [string, (draft: Draft) => string])[] = [
  ['Basic', (draft) => `Basic ${base64(`${id(draft)}:${secret(draft)}`)}`],
  ['Basic in small letters', (draft) => `basic ${base64(`${id(draft)}:${secret(draft)}`)}`],
  ['Basic in capitals', (draft) => `BASIC ${base64(`${id(draft)}:${secret(draft)}`)}`],
  ['Basic after two spaces', (draft) => `Basic  ${base64(`${id(draft)}:${secret(draft)}`)}`],
  ['Basic after a tab', (draft) => `Basic\t${base64(`${id(draft)}:${secret(draft)}`)}`],
  ['Basic without credentials', () => 'Basic'],
  ['Basic that is not base64', () => 'Basic !!!!'],
  ['Basic without padding', (draft) => `Basic ${base64(`${id(draft)}:${secret(draft)}`).replace(/=+$/, '')}`],
  ['Basic with padding too much', (draft) => `Basic ${base64(`${id(draft)}:${secret(draft)}`)}====`],
  ['Basic padded within', (draft) => `Basic ${base64(`${id(draft)}:`)}=${base64(secret(draft))}`],
  ['Basic without a colon', (draft) => `Basic ${base64(id(draft))}`],
  ['Basic with an empty secret', (draft) => `Basic ${base64(`${id(draft)}:`)}`],
  ['Basic without a client', (draft) => `Basic ${base64(`:${secret(draft)}`)}`],
  ['Basic with another client', (draft) => `Basic ${base64(`unknown:${secret(draft)}`)}`],
  ['Basic with a wrong secret', (draft) => `Basic ${base64(`${id(draft)}:${secret(draft)}x`)}`],
  ['Basic with a colon in the secret', (draft) => `Basic ${base64(`${id(draft)}:${secret(draft)}:`)}`],
  [
    'Basic, form-encoded',
    (draft) => `Basic ${base64(`%77${id(draft).slice(1)}:${secret(draft).replace('-', '%2D')}`)}`,
  ],
  ['Basic with a broken escape', (draft) => `Basic ${base64(`${id(draft)}:${secret(draft)}%zz`)}`],
  ['Basic with a plus sign', (draft) => `Basic ${base64(`${id(draft)}:${secret(draft)}+`)}`],
  ['Basic with a zero byte', (draft) => `Basic ${base64(`${id(draft)}:${secret(draft)}\0`)}`],
  ['Bearer', () => 'Bearer something'],
  ['Digest', () => 'Digest username="web"'],
  ['a bare word', () => 'something'],
];

const headerMutations: readonly Mutation[] = headers.flatMap(([title, authorization]) => [
  {
    title: `${title} beside the body's credentials`,
    apply: (draft) => ({ ...draft, authorization: authorization(draft) }),
  },
  {
    title: `${title} in their place`,
    apply: (draft) => ({ ...remove(remove(draft, 'client_secret'), 'client_id'), authorization: authorization(draft) }),
  },
]);

const contentTypes = [
  'application/x-www-form-urlencoded; charset=utf-8',
  'application/x-www-form-urlencoded;charset=UTF-8',
  'APPLICATION/X-WWW-FORM-URLENCODED',
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'application/xml',
];

/** Wherever a client speaks to the server itself. */
export const directSpecifics: readonly Mutation[] = [
  ...headerMutations,
  ...contentTypes.map((contentType) => ({
    title: `content type ${contentType}`,
    apply: (draft: Draft) => ({ ...draft, contentType }),
  })),
  { title: 'no content type', apply: (draft) => ({ ...draft, contentType: undefined }) },
  { title: 'as JSON', apply: (draft) => ({ ...draft, encoding: 'json', contentType: 'application/json' }) },
  { title: 'JSON called a form', apply: (draft) => ({ ...draft, encoding: 'json' }) },
  { title: 'a form called JSON', apply: (draft) => ({ ...draft, contentType: 'application/json' }) },
  { title: 'no body', apply: (draft) => ({ ...draft, pairs: [] }) },
  { title: 'the secret in the address', apply: (draft) => inAddress(draft, 'client_secret') },
];

export const tokenSpecifics: readonly Mutation[] = [
  ...specifics({
    grant_type: [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      'password',
      'implicit',
      'Authorization_Code',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      'urn:ietf:params:oauth:grant-type:device_code',
      'urn:ietf:params:oauth:grant-type:token-exchange',
      '__proto__',
    ],
    client_id: ['web', 'spa', 'machine', 'keyed', 'tv', 'Web', 'unknown', '__proto__'],
    device_code: ['dc_unknown', 'a'],
    client_secret: ['', 'wrong', 'web-secret-0123456788', 'machine-secret-0123456789', 'WEB-SECRET-0123456789'],
    code: ['ac_unknown', 'a', 'ac_', 'null'],
    redirect_uri: [
      'https://app.example.com/callback',
      'https://app.example.com/other',
      'https://app.example.com/callback/',
      'https://APP.example.com/callback',
      'https://app.example.com:443/callback',
      'https://spa.example.com',
      'https://spa.example.com/',
      'https://evil.example/callback',
    ],
    code_verifier: ['a', 'a'.repeat(42), 'a'.repeat(43), 'a'.repeat(128), 'a'.repeat(129), `${'a'.repeat(43)}é`],
    refresh_token: ['v1.unknown', 'v1.', 'a'],
    scope: [
      'openid',
      'openid profile',
      'openid email',
      'unknown',
      'openid unknown',
      'openid  profile',
      'read:shows',
      'read:shows unknown',
      'offline_access',
      'openid,profile',
      'openid\tprofile',
    ],
    audience: ['https://unknown.example.com/', 'https://api.example.com', 'https://API.example.com/'],
    client_assertion: ['something'],
    username: ['ada'],
    unknown: ['parameter'],
  }),
  ...directSpecifics,
  { title: 'the grant type in the address', apply: (draft) => inAddress(draft, 'grant_type') },
];

function inAddress(draft: Draft, name: string): Draft {
  const value = draft.pairs.find((pair) => pair.name === name)?.value;
  if (typeof value !== 'string') return draft;
  return { ...remove(draft, name), query: `?${name}=${encodeURIComponent(value)}` };
}
