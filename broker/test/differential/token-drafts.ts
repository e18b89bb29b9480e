import { audience, callback, spaCallback } from '../support/world.ts';
import { basic, machineGrant, secretsOf, verifier } from './clients.ts';
import { append, type Draft, has, type Preparation, postDraft, remove, set } from './draft.ts';

/*
 * /oauth/token requests with nothing wrong in them, and codes and tokens that were used before.
 */

const code: Preparation = { client: 'web', gives: 'code', hasChallenge: false, namesRedirectUri: true };
const provenCode: Preparation = { ...code, hasChallenge: true };
const spaCode: Preparation = { ...provenCode, client: 'spa' };
const refreshToken: Preparation = { ...code, gives: 'refresh token' };
const spaRefreshToken: Preparation = { ...spaCode, gives: 'refresh token' };

const secret = { client_id: 'web', client_secret: secretsOf.web ?? '' };

const redemption = (preparation: Preparation, title: string): Draft => {
  const isWeb = preparation.client === 'web';
  const draft = postDraft(
    {
      grant_type: 'authorization_code',
      ...(isWeb ? secret : { client_id: 'spa' }),
      code: (handles) => handles.code,
      redirect_uri: isWeb ? callback : spaCallback,
      ...(preparation.hasChallenge ? { code_verifier: verifier } : {}),
    },
    `${preparation.client}, ${title}`,
  );
  return { ...draft, preparation };
};

const refreshing = (preparation: Preparation, title: string): Draft => {
  const draft = postDraft(
    {
      grant_type: 'refresh_token',
      ...(preparation.client === 'web' ? secret : { client_id: 'spa' }),
      refresh_token: (handles) => handles.refreshToken,
    },
    `${preparation.client}, ${title}`,
  );
  return { ...draft, preparation };
};

const machine = postDraft(
  { grant_type: 'client_credentials', client_id: 'machine', client_secret: secretsOf.machine ?? '', audience },
  'machine, client credentials',
);

const byHeader = (draft: Draft, client: 'web' | 'machine'): Draft => ({
  ...remove(remove(draft, 'client_secret'), 'client_id'),
  title: `${draft.title}, Basic`,
  authorization: basic(client, secretsOf[client]),
});

const titled = (draft: Draft, title: string): Draft => ({ ...draft, title: `${draft.title}, ${title}` });

export const tokenDrafts: readonly Draft[] = [
  redemption(code, 'code'),
  redemption(provenCode, 'code with PKCE'),
  redemption(spaCode, 'code'),
  redemption({ ...spaCode, namesRedirectUri: false }, 'code for an unnamed callback'),
  remove(redemption({ ...spaCode, namesRedirectUri: false }, 'code, the callback never named'), 'redirect_uri'),
  byHeader(redemption(code, 'code'), 'web'),
  titled(set(byHeader(redemption(code, 'code'), 'web'), 'client_id', 'web'), 'and client_id'),
  refreshing(refreshToken, 'refresh'),
  refreshing(spaRefreshToken, 'refresh'),
  byHeader(refreshing(refreshToken, 'refresh'), 'web'),
  set(refreshing(refreshToken, 'refresh for less'), 'scope', 'openid'),
  set(refreshing(spaRefreshToken, 'refresh for the same'), 'scope', 'openid profile offline_access'),
  machine,
  titled(set(machine, 'scope', machineGrant), 'its scope'),
  byHeader(machine, 'machine'),
];

/** What somebody tries who was too late, or is somebody else. */
export const spentDrafts: readonly Draft[] = [
  redemption({ ...code, before: 'redeemed' }, 'a code used before'),
  redemption({ ...provenCode, before: 'redeemed' }, 'a code with PKCE used before'),
  redemption({ ...spaCode, before: 'redeemed' }, 'a code used before'),
  redemption({ ...provenCode, before: 'tried with a wrong verifier' }, 'a code that was tried before'),
  redemption({ ...spaCode, before: 'tried with a wrong verifier' }, 'a code that was tried before'),
  refreshing({ ...refreshToken, before: 'refreshed' }, 'a lasting refresh token again'),
  refreshing({ ...spaRefreshToken, before: 'refreshed' }, 'a rotated refresh token'),
  titled({ ...redemption(code, 'code'), preparation: spaCode }, "another client's"),
  titled({ ...redemption(spaCode, 'code'), preparation: code }, "another client's"),
  titled({ ...refreshing(refreshToken, 'refresh'), preparation: spaRefreshToken }, "another client's"),
  titled({ ...refreshing(spaRefreshToken, 'refresh'), preparation: refreshToken }, "another client's"),
];

export const tokenNames = [
  'grant_type',
  'client_id',
  'client_secret',
  'code',
  'redirect_uri',
  'code_verifier',
  'refresh_token',
  'device_code',
  'client_assertion',
  'client_assertion_type',
  'scope',
  'audience',
] as const;

const ordinary: Readonly<Record<string, string>> = { code_verifier: verifier, audience };

/** The draft with an ordinary value for this name, where it had none; undefined: the name does not belong there. */
export function withTokenParameter(draft: Draft, name: string): Draft | undefined {
  if (has(draft, name)) return draft;
  if (name === 'scope') return append(draft, name, draft.title.startsWith('machine') ? machineGrant : 'openid');
  const value = ordinary[name];
  return value === undefined ? undefined : append(draft, name, value);
}
