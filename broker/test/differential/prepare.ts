import { callbacksOf, challenge, secretsOf, verifier } from './clients.ts';
import { append, type Draft, type Handles, type Preparation, postDraft, pushedState, type Value } from './draft.ts';
import { createAssertion, createProof } from './proofs.ts';
import { type Asking, authorizeFor } from './server.ts';
import { type Response, readAnswer } from './verdict.ts';

/*
 * What must have happened before a request has something to be about: a sign-in, a redemption, a device's code.
 */

export async function prepare(asking: Asking, preparation: Preparation | undefined): Promise<Handles> {
  if (preparation === undefined) return asking.none;
  if (preparation.gives === 'device code') return prepareDevice(asking, preparation);
  if (preparation.gives === 'pushed request') return preparePushed(asking, preparation);
  const code = await getCode(asking, preparation);
  if (preparation.before === 'tried with a wrong verifier') {
    await redeem(asking, preparation, code, `${verifier}-not`);
  }
  const isRedeemed = preparation.gives === 'refresh token' || preparation.before === 'redeemed';
  const refreshToken = isRedeemed ? await redeem(asking, preparation, code) : '';
  const handles = { ...asking.none, code, refreshToken };
  if (preparation.before === 'refreshed') {
    must(await asking.ask(direct(preparation, { grant_type: 'refresh_token', refresh_token: refreshToken })), 200);
  }
  if (preparation.before === 'revoked') {
    must(
      await asking.ask({ ...direct(preparation, { token: refreshToken }), endpoint: 'revoke', proof: undefined }),
      200,
    );
  }
  return handles;
}

async function getCode({ ask, none }: Asking, preparation: Preparation): Promise<string> {
  let draft = authorizeFor(preparation.client, preparation.namesRedirectUri);
  if (preparation.hasChallenge) {
    draft = append(append(draft, 'code_challenge', challenge), 'code_challenge_method', 'S256');
  }
  const response = await ask(draft);
  const answer = readAnswer(response, none.url);
  if (answer === undefined || answer === 'asks' || answer.fields.code === undefined) {
    throw new Error(`no code from ${none.url}: ${JSON.stringify(answer ?? response)}`);
  }
  return answer.fields.code;
}

async function redeem({ ask }: Asking, preparation: Preparation, code: string, sent = verifier): Promise<string> {
  const draft = direct(preparation, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: callbacksOf[preparation.client][0] ?? '',
    ...(preparation.hasChallenge ? { code_verifier: sent } : {}),
  });
  return text(await ask(draft), 'refresh_token');
}

async function prepareDevice(asking: Asking, preparation: Preparation): Promise<Handles> {
  const asked = { ...direct(preparation, { scope: 'openid profile offline_access' }), endpoint: 'device' as const };
  const answer = must(await asking.ask({ ...asked, proof: undefined }), 200);
  const deviceCode = text(answer, 'device_code');
  if (preparation.decision !== undefined) {
    await asking.decide(text(answer, 'user_code'), preparation.decision, new Map());
  }
  if (preparation.before === 'redeemed') {
    await asking.ask(direct(preparation, { grant_type: deviceGrantType, device_code: deviceCode }));
  }
  return { ...asking.none, deviceCode };
}

export const deviceGrantType = 'urn:ietf:params:oauth:grant-type:device_code';

async function preparePushed(asking: Asking, preparation: Preparation): Promise<Handles> {
  const { client, hasChallenge } = preparation;
  const draft = direct(preparation, {
    response_type: 'code',
    redirect_uri: callbacksOf[client][0] ?? '',
    scope: 'openid profile',
    state: pushedState,
    ...(hasChallenge ? { code_challenge: challenge, code_challenge_method: 'S256' } : {}),
  });
  const requestUri = text(must(await asking.ask({ ...draft, endpoint: 'par' }), 201), 'request_uri');
  if (preparation.before === 'used') {
    const asked = authorizeFor(client);
    await asking.ask({
      ...asked,
      pairs: [
        { name: 'client_id', value: client },
        { name: 'request_uri', value: requestUri },
      ],
    });
  }
  return { ...asking.none, requestUri };
}

/** To the token endpoint, unless it is sent elsewhere; the client proves itself as it does everywhere. */
function direct({ client, isBound }: Preparation, parameters: Readonly<Record<string, Value>>): Draft {
  const draft = postDraft({ ...parameters, ...credentialsOf(client) }, 'preparation');
  return isBound ? { ...draft, proof: createProof } : draft;
}

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export function credentialsOf(client: Preparation['client']): Readonly<Record<string, Value>> {
  if (client === 'keyed') {
    return {
      client_id: client,
      client_assertion_type: assertionType,
      client_assertion: (handles) => createAssertion(handles),
    };
  }
  const secret = secretsOf[client];
  return secret === undefined ? { client_id: client } : { client_id: client, client_secret: secret };
}

function must(response: Response, status: number): Response {
  if (response.status !== status) throw new Error(`status ${response.status} in a preparation: ${response.body}`);
  return response;
}

function text({ body }: Response, name: string): string {
  const value = (JSON.parse(body) as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : '';
}
