import { callback, spaCallback } from '../support/world.ts';
import { challenge } from './clients.ts';
import { append, type Draft, getDraft, remove, set } from './draft.ts';

/*
 * /authorize requests with nothing wrong in them, and the values that a mutation needs where a request has none.
 */

const web = (more: Readonly<Record<string, string>>, title: string): Draft =>
  getDraft(
    { client_id: 'web', redirect_uri: callback, scope: 'openid profile email', state: 'state-1', ...more },
    `web, ${title}`,
  );

const spa = (more: Readonly<Record<string, string>>, title: string): Draft =>
  getDraft(
    {
      client_id: 'spa',
      redirect_uri: spaCallback,
      response_type: 'code',
      scope: 'openid profile email',
      state: 'state-1',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...more,
    },
    `spa, ${title}`,
  );

const nonce = 'nonce-1';
const withoutPkce = (draft: Draft): Draft => remove(remove(draft, 'code_challenge'), 'code_challenge_method');

const responseTypes = [
  'code',
  'token',
  'id_token',
  'id_token token',
  'code id_token',
  'code token',
  'code id_token token',
];
const responseModes = ['query', 'fragment', 'form_post', 'web_message'];

/** Every response type in every mode, for both kinds of clients. */
const everyWay: readonly Draft[] = responseTypes.flatMap((responseType) =>
  responseModes.flatMap((responseMode) => {
    const parameters = { response_type: responseType, response_mode: responseMode, nonce };
    const title = `${responseType} in ${responseMode}`;
    const forSpa = spa(parameters, title);
    return [web(parameters, title), responseType.includes('code') ? forSpa : withoutPkce(forSpa)];
  }),
);

const signedIn: readonly Draft[] = [
  web({ response_type: 'code' }, 'code'),
  remove(web({ response_type: 'code' }, 'code without state'), 'state'),
  web({ response_type: 'code', nonce }, 'code with nonce'),
  web({ response_type: 'code', redirect_uri: 'https://app.example.com/other' }, 'code at the other callback'),
  web({ response_type: 'code', code_challenge: challenge, code_challenge_method: 'S256' }, 'code with PKCE'),
  web({ response_type: 'code', response_mode: 'query' }, 'code in the query'),
  web({ response_type: 'code', response_mode: 'fragment' }, 'code in the fragment'),
  web({ response_type: 'code', response_mode: 'form_post' }, 'code by form'),
  web({ response_type: 'code', max_age: '3600' }, 'code with max_age'),
  web({ response_type: 'code', max_age: '0' }, 'code with max_age 0'),
  web({ response_type: 'code', prompt: 'login' }, 'code, prompt login'),
  web({ response_type: 'code', prompt: 'consent', scope: 'openid offline_access' }, 'code, prompt consent'),
  web({ response_type: 'code', prompt: 'select_account' }, 'code, prompt select_account'),
  web({ response_type: 'code', prompt: 'login consent' }, 'code, two prompts'),
  web({ response_type: 'code', scope: 'profile' }, 'code without openid'),
  web({ response_type: 'id_token', nonce }, 'id_token'),
  web({ response_type: 'id_token', nonce, response_mode: 'form_post' }, 'id_token by form'),
  web({ response_type: 'id_token token', nonce }, 'id_token token'),
  web({ response_type: 'token id_token', nonce }, 'token id_token'),
  web({ response_type: 'code id_token', nonce }, 'code id_token'),
  web({ response_type: 'code token' }, 'code token'),
  web({ response_type: 'code id_token token', nonce }, 'code id_token token'),
  web({ response_type: 'token' }, 'token'),
  spa({}, 'code'),
  remove(spa({}, 'code at the only callback'), 'redirect_uri'),
  spa({ response_mode: 'web_message', prompt: 'none' }, 'silent'),
  spa({ scope: 'openid offline_access' }, 'code for a refresh token'),
  withoutPkce(spa({ response_type: 'id_token', nonce }, 'id_token')),
];

const anonymous = (draft: Draft): Draft => ({ ...draft, isSignedIn: false, title: `${draft.title}, nobody signed in` });

/** Begins a sign-in. */
const signedOut: readonly Draft[] = signedIn.map(anonymous);

/** Must be silent, so it is refused whatever else it says. */
const silent: readonly Draft[] = signedIn.map((draft) =>
  anonymous({ ...set(draft, 'prompt', 'none'), title: `${draft.title}, prompt none` }),
);

const byPost = (draft: Draft): Draft => ({
  ...draft,
  title: `${draft.title}, posted`,
  method: 'POST',
  contentType: 'application/x-www-form-urlencoded',
});
const posted = signedIn.map(byPost);

/** Worth bending: they are accepted as they stand. */
export const acceptedAuthorizeDrafts: readonly Draft[] = [...signedIn, ...signedOut, ...posted];
export const authorizeDrafts: readonly Draft[] = [
  ...acceptedAuthorizeDrafts,
  ...silent,
  ...everyWay,
  ...everyWay.map(anonymous),
  ...everyWay.map((draft) => ({ ...set(draft, 'prompt', 'none'), title: `${draft.title}, prompt none` })),
  ...everyWay.map(byPost),
];

export const authorizeNames = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'nonce',
  'prompt',
  'max_age',
  'code_challenge',
  'code_challenge_method',
] as const;

const ordinary: Readonly<Record<string, string>> = {
  redirect_uri: spaCallback,
  response_mode: 'form_post',
  state: 'state-1',
  nonce,
  prompt: 'consent',
  max_age: '3600',
  code_challenge: challenge,
  code_challenge_method: 'S256',
};

/** The draft with an ordinary value for this name, where it had none. PKCE's two parameters come together. */
export function withAuthorizeParameter(draft: Draft, name: string): Draft {
  const missing = name.startsWith('code_challenge') ? ['code_challenge', 'code_challenge_method'] : [name];
  return missing.reduce((done, each) => {
    const value = ordinary[each];
    return value === undefined || done.pairs.some((pair) => pair.name === each) ? done : append(done, each, value);
  }, draft);
}
