import { createHash } from 'node:crypto';
import type { Client } from '../../core/client.ts';
import { OAuthError } from '../../core/errors.ts';
import { hashHandle } from '../../core/hash.ts';
import type { HandleHash } from '../../core/ids.ts';
import { isSameText } from '../../core/secret.ts';
import type { Code } from '../../core/session.ts';
import {
  createRefreshToken,
  getLiveUser,
  issueTokens,
  resourceServerOf,
  type TokenAnswer,
  type TokenDeps,
  type TokenRequest,
} from './issue-tokens.ts';
import { requireParameter } from './require-parameter.ts';
import { revokeGrant } from './revoke-grant.ts';

/** RFC 6749 §4.1.3: one code in, tokens out, once. */
export async function redeemCode(deps: TokenDeps, client: Client, request: TokenRequest): Promise<TokenAnswer> {
  const { body: parameters, keyThumbprint } = request;
  const value = requireParameter(parameters, 'code');
  const code = await spendCode(deps, value);
  checkCode(code, client, deps.clock.now());
  checkRedirectUri(code, parameters.values.redirect_uri);
  checkVerifier(code, parameters.values.code_verifier);
  checkKey(code, keyThumbprint);
  const user = await getLiveUser(deps, code, 'Invalid authorization code');
  const resourceServer = resourceServerOf(await deps.directory.read(), code.audience);
  // Its tokens are as old as its use: whoever finds it used revokes up to that moment at least, however long minting takes.
  const now = code.consumedAt ?? deps.clock.now();
  const refresh = code.scopes.includes('offline_access')
    ? createRefreshToken(deps, client, {
        authorization: code,
        metadata: code.claims?.refreshTokenMetadata,
        request,
        now,
      })
    : undefined;
  if (refresh !== undefined) await deps.store.write(deps.store.refreshTokens.create(refresh.row));
  return issueTokens(deps, {
    client,
    user,
    authorization: code,
    scopes: code.scopes,
    resourceServer,
    nonce: code.nonce,
    authenticatedAt: code.asksAuthTime ? code.authenticatedAt : undefined,
    grantType: undefined,
    keyThumbprint,
    refreshToken: refresh?.token,
    claims: code.claims,
    now,
  });
}

/** One statement marks the code as used. A code that was used before takes what it gave with it. */
async function spendCode(deps: TokenDeps, value: string): Promise<Code> {
  const codeHash = hashHandle(value) as HandleHash;
  const code = await deps.store.write(deps.store.codes.consume(codeHash, deps.clock.now()));
  if (code !== undefined) return code;
  const used = await deps.store.codes.find(codeHash);
  if (used !== undefined) await revokeGrant(deps, used, used.createdAt);
  throw invalidCode(used === undefined ? 'unknown code' : `code used before, grant ${used.grantId} revoked`);
}

function checkCode(code: Code, client: Client, now: Date): void {
  if (code.clientId !== client.id) throw invalidCode('the code belongs to another client');
  if (code.expiresAt <= now) throw invalidCode('the code has expired');
}

/** Auth0: only origins are told, since the rest of the address is the other side's business. */
function checkRedirectUri(code: Code, sent: string | undefined): void {
  if (sent === code.redirectUri) return;
  if (sent === undefined && !code.isRedirectUriExplicit) return;
  if (sent === undefined) throw new OAuthError('invalid_request', 'Missing required parameter: redirect_uri');
  throw new OAuthError(
    'unauthorized_client',
    `The redirect URI is wrong. You sent ${originOf(sent)}, and we expected ${originOf(code.redirectUri)}`,
    { status: 403 },
  );
}

const originOf = (url: string): string => {
  const origin = URL.parse(url)?.origin;
  return origin === undefined || origin === 'null' ? url.split(':', 1)[0] + ':' : origin;
};

const verifierPattern = /^[A-Za-z0-9\-._~]{43,128}$/;

/** RFC 7636 §4.6. A verifier without a challenge is refused too (RFC 9700 §2.1.1: downgrade). */
function checkVerifier(code: Code, verifier: string | undefined): void {
  if (code.challenge === undefined && verifier === undefined) return;
  if (verifier === undefined) throw new OAuthError('invalid_request', "Parameter 'code_verifier' is required");
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const isRight =
    code.challenge !== undefined && verifierPattern.test(verifier) && isSameText(challenge, code.challenge);
  if (!isRight) throw new OAuthError('invalid_grant', 'Failed to verify code verifier', { status: 403 });
}

/** RFC 9449 §10: the code was asked for with `dpop_jkt`, so only that key redeems it. */
function checkKey(code: Code, keyThumbprint: string | undefined): void {
  if (code.keyThumbprint === undefined || code.keyThumbprint === keyThumbprint) return;
  throw invalidCode('the code is bound to another key');
}

const invalidCode = (detail: string): OAuthError =>
  new OAuthError('invalid_grant', 'Invalid authorization code', { status: 403, detail });
