import { hasPostLogin } from '../../actions/actions.ts';
import type { Person, TokenExchange } from '../../actions/token-exchange.ts';
import { attemptKeyOf } from '../../core/attempt-limit.ts';
import type { Client } from '../../core/client.ts';
import { OAuthError } from '../../core/errors.ts';
import type { GrantId } from '../../core/ids.ts';
import type { Trace } from '../../core/trace.ts';
import type { User } from '../../core/user.ts';
import type { IssuerEvent } from '../issuer-events.ts';
import { type ExchangedPerson, exchangePerson } from './exchange-person.ts';
import { issueFirstTokens } from './issue-first-tokens.ts';
import type { TokenAnswer, TokenDeps, TokenRequest } from './issue-tokens.ts';
import { keepingAttempt } from './keep-attempt.ts';
import { type Asked, issuedTokenType, readExchange } from './read-exchange.ts';
import { recordFailedAction } from './token-events.ts';

/**
 * RFC 8693 as Auth0's custom token exchange: the Action of the subject token's type verifies the token and says whose it
 * is; then post-login Actions run as at any sign-in.
 */
export async function exchangeToken(deps: TokenDeps, client: Client, request: TokenRequest): Promise<TokenAnswer> {
  const exchange = await readExchange(deps, client, request);
  const key = attemptKeyOf(request.ip);
  if (deps.exchangeLimit.isReached(key)) throw tooManyAttempts(deps.exchangeLimit.waitSeconds(key));
  try {
    return await runExchange(deps, exchange, key);
  } catch (error) {
    if (error instanceof OAuthError) {
      await record(deps, exchange, { type: 'fecte', description: error.message });
      recordFailedAction(deps, { request, client }, error);
    }
    throw error;
  }
}

function runExchange(deps: TokenDeps, exchange: Asked, key: string): Promise<TokenAnswer> {
  const { client, request } = exchange;
  const facts = { kind: 'token-exchange', traceId: request.traceId, clientId: client.id } as const;
  const secrets = [exchange.subjectToken, request.body.values.client_secret];
  return keepingAttempt(deps, { ...facts, secrets }, async (trace) => {
    const { person, metadata } = await askAction(deps, { ...exchange, trace }, key);
    const found = await exchangePerson(deps, exchange, person);
    const user = await deps.actions.saveMetadata(found.user, metadata);
    const answer = await grantTo(deps, { ...exchange, trace }, { ...found, user });
    const description = `A subject token of type ${exchange.subjectTokenType} was exchanged`;
    await record(deps, exchange, { type: 'secte', description, userId: user.id, connectionId: found.connection.id });
    return answer;
  });
}

const record = (
  { store, events }: TokenDeps,
  { request, client }: Asked,
  facts: Pick<IssuerEvent, 'type' | 'description' | 'userId' | 'connectionId'>,
): Promise<void> => store.write(events.record(request, { ...facts, traceId: request.traceId, clientId: client.id }));

async function askAction(deps: TokenDeps, exchange: TokenExchange, key: string) {
  const verdict = await deps.actions.runTokenExchange(exchange);
  if (verdict.kind === 'person') return verdict satisfies { readonly person: Person };
  deps.exchangeLimit.countFailure(key);
  throw new OAuthError('invalid_request', verdict.reason, { detail: `Action ${exchange.action.name}: rejected` });
}

/** As at a sign-in: post-login Actions have the last word, and claims are theirs. */
async function grantTo(
  deps: TokenDeps,
  { request, tenant, client, resourceServer, scopes, trace }: Asked & { readonly trace: Trace },
  { user, connection }: ExchangedPerson & { readonly user: User },
): Promise<TokenAnswer> {
  const now = deps.clock.now();
  const verdict = hasPostLogin(tenant)
    ? await deps.actions.runPostLogin({
        tenant,
        trace,
        request,
        protocol: 'oauth2-token-exchange',
        parameters: { scope: request.body.values.scope ?? '' },
        user,
        client,
        connection,
        resourceServer,
        scopes,
        session: { sid: '', authenticatedAt: now },
        refreshToken: undefined,
        mayRedirect: false,
        resumed: undefined,
      })
    : ({ kind: 'allowed', user, scopes, claims: undefined } as const);
  if (verdict.kind !== 'allowed') throw new Error('a token exchange cannot be redirected');
  const authorization = {
    grantId: deps.random.id('gr_') as GrantId,
    clientId: client.id,
    userId: verdict.user.id,
    connectionId: connection.id,
    sid: undefined,
    scopes: verdict.scopes,
    audience: resourceServer?.identifier,
    authenticatedAt: now,
  };
  const first = { client, user: verdict.user, authorization, resourceServer, claims: verdict.claims, request, now };
  const { body, facts } = await issueFirstTokens(deps, first);
  return { body: { ...body, issued_token_type: issuedTokenType }, facts };
}

const tooManyAttempts = (waitSeconds: number): OAuthError =>
  new OAuthError(
    'too_many_attempts',
    'We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator.',
    { status: 429, headers: { 'retry-after': String(waitSeconds) } },
  );
