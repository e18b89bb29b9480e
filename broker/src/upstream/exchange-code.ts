import type { Connection } from '../core/connection.ts';
import type { Trace } from '../core/trace.ts';
import { type CallDeps, callUpstream } from './call-upstream.ts';
import { parseTokenAnswer } from './parse-token-answer.ts';
import { tokenRequest } from './token-request.ts';
import type { CodeExchange, TokenAnswer } from './upstream.ts';
import type { VerifyIdToken } from './verify-id-token.ts';

/** The code goes out once, in the body of one POST; tokens come back. An ID token that cannot be trusted ends the sign-in. */
export async function exchangeCode(
  deps: CallDeps & { readonly verifyIdToken: VerifyIdToken },
  connection: Connection,
  { exchange, trace }: { readonly exchange: CodeExchange; readonly trace: Trace },
): Promise<TokenAnswer> {
  const request = tokenRequest(connection, exchange);
  const call = {
    ...request,
    method: 'POST',
    step: 'exchange',
    endpoint: 'token endpoint',
    traceStep: 'upstream.token',
  } as const;
  const response = await callUpstream(deps, call, trace);
  const { tokenset, raw } = parseTokenAnswer(response, deps.clock.now());
  const idTokenClaims = await deps.verifyIdToken(connection, { tokenset, nonce: exchange.nonce, trace });
  return { tokenset, raw, idTokenClaims };
}
