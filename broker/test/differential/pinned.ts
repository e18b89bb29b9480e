import { acceptedAuthorizeDrafts } from './authorize-drafts.ts';
import { parDrafts, pushedDrafts } from './direct-drafts.ts';
import { append, change, type Draft, remove, set } from './draft.ts';
import { tokenDrafts } from './token-drafts.ts';

/*
 * Sent in every run, whatever the seed picks.
 */

type Apply = (draft: Draft) => Draft;

const authorize = (title: string, apply: Apply): Draft => from(acceptedAuthorizeDrafts, title, apply);
const token = (title: string, apply: Apply): Draft => from(tokenDrafts, title, apply);
const push = (title: string, apply: Apply): Draft => from(parDrafts, title, apply);

function from(drafts: readonly Draft[], title: string, apply: Apply): Draft {
  const draft = drafts.find((each) => each.title === title);
  if (draft === undefined) throw new Error(`no request is called ${title}`);
  return { ...apply(draft), title: `${title} | pinned` };
}

const withHeader = (authorization: string) => (draft: Draft) => ({ ...draft, authorization });
const onlyHeader = (authorization: string) => (draft: Draft) => ({ ...remove(draft, 'client_id'), authorization });
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Portico once judged them wrongly. */
const onceWrong: readonly Draft[] = [
  authorize('web, code', (draft) => set(draft, 'response_mode', '')),
  authorize('web, code', (draft) => append(set(draft, 'code_challenge', ''), 'code_challenge_method', '')),
  authorize('web, code', (draft) => set(draft, 'max_age', '99999999999')),
  authorize('web, code', (draft) => set(draft, 'response_type', 'code ')),
  authorize('web, code', (draft) => set(draft, 'response_type', 'code code')),
  authorize('web, id_token token', (draft) => set(draft, 'response_type', 'id_token  token')),
  authorize('web, code', (draft) => set(draft, 'prompt', ' login')),
  authorize('web, code', (draft) => set(draft, 'prompt', 'login  consent')),
  authorize('web, id_token', (draft) => set(draft, 'code_challenge_method', 'none')),
  authorize('web, id_token', (draft) => append(set(draft, 'code_challenge', 'a'), 'code_challenge_method', 'S256')),
  token('spa, code', (draft) => set(draft, 'client_secret', '')),
  token('web, code', (draft) => set(draft, 'code_verifier', '')),
  token('spa, refresh', withHeader('Bearer something')),
  token('spa, refresh', withHeader('Basic !!!!')),
  token('spa, refresh', onlyHeader(`Basic ${base64('spa')}`)),
  token('machine, client credentials', withHeader('Digest username="machine"')),
  token('web, refresh', (draft) => append(draft, 'client_assertion', 'something')),
];

/** Differences that a seed can miss. */
const seldomMet: readonly Draft[] = [
  push('web, push code', (draft) => set(draft, 'response_type', 'token')),
  push('web, push code', (draft) => set(draft, 'response_mode', 'web_message')),
  push('web, push code', (draft) => set(draft, 'scope', 'openid online_access offline_access')),
  push('web, push id_token', (draft) => set(draft, 'nonce', 'nonce\0')),
  push('web, push code', (draft) => append(set(draft, 'scope', 'profile'), 'max_age', '60')),
  from(pushedDrafts, 'web, pushed', (draft) => append(draft, 'response_type', 'none')),
  authorize('web, id_token', (draft) => set(draft, 'nonce', 'nonce\0')),
  authorize('web, code', (draft) => set(draft, 'response_mode', 'web_message')),
  authorize('web, code', (draft) => set(draft, 'scope', 'openid online_access offline_access')),
  token('spa, code', (draft) => remove(draft, 'redirect_uri')),
  token('web, code', (draft) => ({ ...draft, encoding: 'json', contentType: 'application/json' })),
  token('web, refresh', (draft) => change(draft, 'client_secret', (secret) => `${secret}\0`)),
  token('web, code, Basic', (draft) => ({ ...draft, authorization: draft.authorization?.replace(' ', '  ') })),
];

export const pinnedDrafts: readonly Draft[] = [...onceWrong, ...seldomMet];
