import type { Connection } from '../core/connection.ts';
import type { JsonObject } from '../core/json.ts';
import type { Tokenset } from '../core/tokenset.ts';
import type { Trace } from '../core/trace.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { type CallDeps, callUpstream } from './call-upstream.ts';
import { parseTokenAnswer } from './parse-token-answer.ts';
import { scriptTokenExchange } from './script-token-exchange.ts';
import { tokenRequest } from './token-request.ts';
import type { CodeExchange, TokenAnswer } from './upstream.ts';
import type { VerifyIdToken } from './verify-id-token.ts';

type ExchangeDeps = CallDeps & { readonly sandbox: Sandbox; readonly verifyIdToken: VerifyIdToken };
type Given = { readonly exchange: CodeExchange; readonly trace: Trace };

/** A code becomes tokens, by request or by script. An ID token that cannot be trusted ends the sign-in. */
export async function exchangeCode(
  deps: ExchangeDeps,
  connection: Connection,
  { exchange, trace }: Given,
): Promise<TokenAnswer> {
  const source = connection.options.scripts?.tokenExchange;
  const { tokenset, raw } = source
    ? await scriptTokenExchange(deps, connection, { source, exchange, trace })
    : await requestTokens(deps, connection, { exchange, trace });
  const idTokenClaims = await deps.verifyIdToken(connection, { tokenset, nonce: exchange.nonce, trace });
  return { tokenset, raw, idTokenClaims };
}

/** The code goes out once, in the body of one POST. */
async function requestTokens(
  deps: CallDeps,
  connection: Connection,
  { exchange, trace }: Given,
): Promise<{ tokenset: Tokenset; raw: JsonObject }> {
  const call = {
    ...tokenRequest(connection, exchange),
    method: 'POST',
    step: 'exchange',
    endpoint: 'token endpoint',
    traceStep: 'upstream.token',
  } as const;
  return parseTokenAnswer(await callUpstream(deps, call, trace), deps.clock.now());
}
