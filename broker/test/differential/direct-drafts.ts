import { createHash } from 'node:crypto';
import { callbacksOf, challenge, verifier } from './clients.ts';
import { append, type Draft, getDraft, type Preparation, postDraft, remove, set, type Value } from './draft.ts';
import { credentialsOf, deviceGrantType } from './prepare.ts';
import { createProof } from './proofs.ts';

/*
 * Requests of grants that begin elsewhere than in a browser's address, and of clients with a key: pushed requests,
 * devices, revocations, assertions and DPoP.
 */

type Client = Preparation['client'];
type Parameters = Readonly<Record<string, Value>>;

const basis = (client: Client): Preparation => ({
  client,
  gives: 'code',
  hasChallenge: client === 'spa',
  namesRedirectUri: true,
});
const prepared = (draft: Draft, preparation: Preparation): Draft => ({ ...draft, preparation });
const direct = (client: Client, parameters: Parameters, title: string): Draft =>
  postDraft({ ...parameters, ...credentialsOf(client) }, `${client}, ${title}`);
const proving = (draft: Draft): Draft => ({ ...draft, title: `${draft.title}, with a proof`, proof: createProof });

const pushed = (client: Client, more: Parameters, title: string): Draft => ({
  ...direct(
    client,
    {
      response_type: 'code',
      redirect_uri: callbacksOf[client][0] ?? '',
      scope: 'openid profile email',
      state: 'state-1',
      ...(client === 'spa' ? { code_challenge: challenge, code_challenge_method: 'S256' } : {}),
      ...more,
    },
    title,
  ),
  endpoint: 'par',
});

const nonce = 'nonce-1';
export const parDrafts: readonly Draft[] = [
  pushed('web', {}, 'push code'),
  pushed('web', { response_mode: 'form_post' }, 'push code by form'),
  pushed('web', { response_type: 'id_token', nonce }, 'push id_token'),
  pushed('web', { response_type: 'code id_token', nonce }, 'push code id_token'),
  pushed('web', { response_type: 'code', max_age: '60', prompt: 'login' }, 'push code, prompt login'),
  pushed('spa', {}, 'push code'),
  pushed('spa', { response_mode: 'web_message', prompt: 'none' }, 'push silent'),
  pushed('keyed', {}, 'push code'),
  proving(pushed('spa', {}, 'push code')),
  proving(pushed('keyed', { code_challenge: challenge, code_challenge_method: 'S256' }, 'push code')),
];

/** /authorize with what was pushed. */
const opened = (client: Client, more: Partial<Preparation>, title: string): Draft =>
  prepared(getDraft({ client_id: client, request_uri: (handles) => handles.requestUri }, `${client}, ${title}`), {
    ...basis(client),
    gives: 'pushed request',
    ...more,
  });

export const pushedDrafts: readonly Draft[] = [
  opened('web', {}, 'pushed'),
  opened('spa', {}, 'pushed'),
  opened('keyed', {}, 'pushed'),
  { ...opened('web', {}, 'pushed, nobody signed in'), isSignedIn: false },
  set(opened('web', {}, 'pushed, and parameters beside'), 'scope', 'openid offline_access'),
  { ...opened('web', {}, 'pushed, posted'), method: 'POST', contentType: 'application/x-www-form-urlencoded' },
  opened('web', { before: 'used' }, 'pushed, used before'),
  set(opened('web', {}, "another's pushed request"), 'client_id', 'keyed'),
];

const revocation = (client: Client, more: Partial<Preparation>, title: string): Draft =>
  prepared(
    { ...direct(client, { token: (handles) => handles.refreshToken }, title), endpoint: 'revoke' },
    { ...basis(client), gives: 'refresh token', ...more },
  );

export const revokeDrafts: readonly Draft[] = [
  revocation('web', {}, 'revoke'),
  revocation('spa', {}, 'revoke'),
  revocation('keyed', {}, 'revoke'),
  append(revocation('web', {}, 'revoke with a hint'), 'token_type_hint', 'refresh_token'),
  append(revocation('web', {}, 'revoke with a wrong hint'), 'token_type_hint', 'access_token'),
  revocation('web', { before: 'revoked' }, 'revoke again'),
  prepared(revocation('web', {}, "revoke another's"), { ...basis('spa'), gives: 'refresh token' }),
];

const deviceRequest = (more: Parameters, title: string): Draft => ({
  ...direct('tv', { scope: 'openid profile offline_access', ...more }, title),
  endpoint: 'device',
});

export const deviceDrafts: readonly Draft[] = [
  deviceRequest({}, 'ask for a device code'),
  deviceRequest({ scope: 'openid' }, 'ask for a device code, openid'),
  { ...deviceRequest({}, 'ask for a device code'), title: 'web, ask for a device code', pairs: pairsOf('web') },
  { ...deviceRequest({}, 'ask for a device code'), title: 'spa, ask for a device code', pairs: pairsOf('spa') },
];
function pairsOf(client: Client) {
  return direct(client, { scope: 'openid' }, '').pairs;
}

const polling = (more: Partial<Preparation>, title: string): Draft =>
  prepared(direct('tv', { grant_type: deviceGrantType, device_code: (handles) => handles.deviceCode }, title), {
    ...basis('tv'),
    gives: 'device code',
    ...more,
  });

const redemption = (client: Client, more: Partial<Preparation>, title: string): Draft => {
  const preparation = { ...basis(client), ...more };
  const form = {
    grant_type: 'authorization_code',
    code: (handles: { readonly code: string }) => handles.code,
    redirect_uri: callbacksOf[client][0] ?? '',
    ...(preparation.hasChallenge ? { code_verifier: verifier } : {}),
  };
  return prepared(direct(client, form, title), preparation);
};
const refreshing = (client: Client, more: Partial<Preparation>, title: string): Draft =>
  prepared(direct(client, { grant_type: 'refresh_token', refresh_token: (handles) => handles.refreshToken }, title), {
    ...basis(client),
    gives: 'refresh token',
    ...more,
  });

/** At the token endpoint. */
export const furtherTokenDrafts: readonly Draft[] = [
  polling({ decision: 'allowed' }, 'device code'),
  proving(polling({ decision: 'allowed' }, 'device code')),
  redemption('keyed', {}, 'code'),
  redemption('keyed', { hasChallenge: true }, 'code with PKCE'),
  refreshing('keyed', {}, 'refresh'),
  proving(redemption('spa', {}, 'code')),
  proving(redemption('keyed', {}, 'code')),
  proving(redemption('web', {}, 'code')),
  proving(refreshing('spa', { isBound: true }, 'refresh, bound')),
  proving(refreshing('web', { isBound: true }, 'refresh, bound')),
  refreshing('web', { isBound: true }, 'refresh, bound, without a proof'),
];

export const refusedTokenDrafts: readonly Draft[] = [
  polling({}, 'device code, undecided'),
  polling({ decision: 'denied' }, 'device code, denied'),
  polling({ decision: 'allowed', before: 'redeemed' }, 'device code again'),
  set(polling({ decision: 'allowed' }, "another's device code"), 'client_id', 'spa'),
  refreshing('spa', { isBound: true }, 'refresh, bound, without a proof'),
  refreshing('web', { before: 'revoked' }, 'refresh, revoked'),
  refreshing('spa', { before: 'revoked' }, 'refresh, revoked'),
  remove(redemption('keyed', {}, 'code without an assertion'), 'client_assertion'),
  direct(
    'web',
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: createHash('sha256').update('subject').digest('hex'),
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    },
    'token exchange',
  ),
];
