import type { Client } from '../../core/client.ts';
import { deviceGrantType } from '../../core/device-code.ts';
import { OAuthError } from '../../core/errors.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { HttpRequest } from '../../http/route.ts';
import type { TokenFacts } from '../issuer-events.ts';
import type { TokenDeps } from './issue-tokens.ts';
import type { Thinning } from './thinning.ts';

/*
 * What the tenant's log says of tokens. No request waits for its line: lines are queued, and those of failures are bounded.
 * Token exchange writes its own.
 */

type Codes = {
  readonly success: 'seacft' | 'sertft' | 'seccft' | 'sede';
  readonly failure: 'feacft' | 'fertft' | 'feccft' | 'fede';
  /** Auth0's words for a success. */
  readonly description: string;
};

const codesOf: ReadonlyMap<string, Codes> = new Map([
  [
    'authorization_code',
    { success: 'seacft', failure: 'feacft', description: 'Authorization Code for Access Token' } as const,
  ],
  ['refresh_token', { success: 'sertft', failure: 'fertft', description: 'Refresh Token for Access Token' } as const],
  [
    'client_credentials',
    { success: 'seccft', failure: 'feccft', description: 'Client Credentials for Access Token' } as const,
  ],
  [deviceGrantType, { success: 'sede', failure: 'fede', description: 'Device Code for Access Token' } as const],
]);

/** Ordinary steps of a protocol: a device that waits, a proof that is sent again with a nonce. */
const ordinary: ReadonlySet<string> = new Set(['authorization_pending', 'slow_down', 'use_dpop_nonce']);

export type TokenAttempt = {
  readonly request: HttpRequest;
  readonly grantType: string;
  /** undefined: it did not prove itself. */
  readonly client: Client | undefined;
};

export function recordTokens(
  { events, logsTokens, thin }: TokenDeps & { readonly thin: Thinning },
  { request, grantType, client }: TokenAttempt & { readonly client: Client },
  { audience, scopes, ...facts }: TokenFacts,
): void {
  const codes = codesOf.get(grantType);
  if (codes === undefined || !logsTokens) return;
  const leftOut = codes.success === 'seccft' ? thin(client.id) : 0;
  if (leftOut === undefined) return;
  const details: Record<string, Json> = { scope: scopes.join(' ') };
  if (audience !== undefined) details.audience = audience;
  if (leftOut > 0) details.left_out = leftOut;
  const { description, success: type } = codes;
  events.queue(request, { ...facts, type, traceId: request.traceId, clientId: client.id, description, details });
}

/** Does what is asked; where that is refused, the log says so. */
export async function recordingFailure<Result>(
  deps: TokenDeps,
  attempt: TokenAttempt,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OAuthError) await recordFailure(deps, attempt, error);
    throw error;
  }
}

async function recordFailure(deps: TokenDeps, attempt: TokenAttempt, error: OAuthError): Promise<void> {
  const codes = codesOf.get(attempt.grantType);
  if (codes === undefined || error.isRecorded || ordinary.has(error.code)) return;
  const { request, client } = attempt;
  const named = client ?? (await findNamed(deps, request));
  const facts = { type: codes.failure, traceId: request.traceId, clientId: named?.id, ...wordsOf(error) };
  deps.events.queueFailure(request, facts, provenBy(client));
  recordFailedAction(deps, attempt, error);
}

/** The failure of an Action has a line of its own, whatever it failed. */
export function recordFailedAction(
  { events }: Pick<TokenDeps, 'events'>,
  { request, client }: Pick<TokenAttempt, 'request' | 'client'>,
  { failedAction, message }: OAuthError,
): void {
  if (failedAction === undefined) return;
  const facts = { traceId: request.traceId, clientId: client?.id, description: message };
  const details = { action: failedAction };
  events.queueFailure(request, { ...facts, type: 'actions_execution_failed', details }, provenBy(client));
}

/** A public client is whoever says so. */
const provenBy = (client: Client | undefined) =>
  client === undefined || client.authMethod === 'none' ? undefined : client.id;

function wordsOf({ message, code, detail }: OAuthError): { description: string; details: JsonObject } {
  return { description: message, details: { error: code, ...(detail === undefined ? {} : { detail }) } };
}

/** Whose id was sent, if there is such a client; what else stands there is nobody's. */
async function findNamed({ directory }: TokenDeps, { body }: HttpRequest): Promise<Client | undefined> {
  const id = body.values.client_id;
  return id === undefined ? undefined : (await directory.read()).findClient(id);
}
