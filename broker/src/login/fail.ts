import type { Client } from '../core/client.ts';
import { OAuthError, PageError, StoreError, UpstreamError } from '../core/errors.ts';
import type { ConnectionId, TraceId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import { logNameOf } from '../core/log-event.ts';
import { withoutSecrets, withoutTokenForms } from '../core/redact.ts';
import type { KeptRun, TraceLine } from '../core/trace.ts';
import type { User } from '../core/user.ts';
import type { HttpReply, HttpRequest } from '../http/route.ts';
import type { Target } from './authorize/target.ts';
import type { LoginDeps } from './deps.ts';
import type { EventFacts } from './events.ts';
import { respondError } from './respond.ts';
import { tookUntil } from './sign-in-details.ts';

type Failing = {
  readonly request: HttpRequest;
  readonly traceId: TraceId;
  readonly isSilent: boolean;
  readonly connectionId?: ConnectionId | undefined;
  /** Who came back from the provider, where that is known by now. */
  readonly user?: User | undefined;
  /** When they were sent there. */
  readonly beganAt?: Date;
  readonly trace?: readonly TraceLine[];
  /** Runs of scripts, as the trace kept them. */
  readonly runs?: readonly KeptRun[];
  readonly cookies?: readonly string[];
  /** The person has answered our own page: what follows is no redirect that somebody else made happen. */
  readonly hasDecided?: boolean;
  /** Of this sign-in: an upstream or a script may have repeated them. */
  readonly secrets?: readonly (string | undefined)[];
};

/** What a silent request is told every time nobody is signed in: an answer, not an event. */
const ordinary: ReadonlySet<string> = new Set(['login_required', 'consent_required', 'interaction_required']);

/** A failure past the proven target: one log event that names the step, one redirect with our words. */
export async function failAt(deps: LoginDeps, target: Target, error: unknown, failing: Failing): Promise<HttpReply> {
  // A page says why the target itself is in doubt.
  if (error instanceof PageError) throw error;
  const answer = toOAuthError(error, failing.traceId);
  if (!ordinary.has(answer.code)) {
    const { traceId, connectionId, user, trace, runs = [], secrets = [] } = failing;
    const clientId = target.client.id;
    const description = withoutSecrets(answer.message, secrets);
    const reason = { error: answer.code, ...reasonOf(error, secrets) };
    const event = deps.events.record(failing.request, {
      type: failing.isSilent ? 'fsa' : 'f',
      traceId,
      clientId,
      connectionId,
      userId: user?.id,
      userName: user && logNameOf(user),
      description,
      tenantDetails: tookUntil(deps.clock.now(), failing.beganAt),
      details: { ...reason, ...(trace === undefined ? {} : { steps: toJson(trace) }) },
    });
    const failure = { description, ...reason };
    const kept = { traceId, clientId, connectionId, trace: { lines: trace ?? [], runs }, failure, secrets };
    const also = furtherEvents(error).map((more) =>
      deps.events.record(failing.request, { traceId, clientId, connectionId, description, ...more }),
    );
    if (user !== undefined || deps.events.hasRoomFor(failing.request)) {
      await deps.store.writeAll([event, ...also, ...deps.attempts.record(kept)]).catch(() => undefined);
    }
  }
  if (keepsErrors(target.client) && failing.hasDecided !== true) {
    const { code, message, status, headers } = answer;
    const { request, traceId } = failing;
    const clientId = target.client.id;
    return deps.showError({ kind: 'refused', status, code, message, headers, traceId, clientId }, request);
  }
  return respondError(target, answer, {
    request: failing.request,
    issuerUrl: deps.issuerUrl,
    cookies: failing.cookies ?? [],
  });
}

/** What else such a failure is. */
function furtherEvents(error: unknown): readonly Pick<EventFacts, 'type' | 'details'>[] {
  if (error instanceof UpstreamError && error.reason === 'identity_conflict') return [{ type: 'fs' }];
  if (!(error instanceof OAuthError) || error.failedAction === undefined) return [];
  return [{ type: 'actions_execution_failed', details: { action: error.failedAction } }];
}

/** DN-09: a third-party client's error link must not be a redirect that anybody can use (RFC 9700 §4.11.2). */
const keepsErrors = ({ isFirstParty, redirectionPolicy }: Client): boolean =>
  !isFirstParty && redirectionPolicy !== 'allow_always';

/** The contract's error for each way in which the road can end. The text is always ours. */
function toOAuthError(error: unknown, traceId: TraceId): OAuthError {
  if (error instanceof OAuthError) return error;
  if (error instanceof UpstreamError) return fromUpstream(error);
  if (error instanceof StoreError && error.code === 'unavailable') {
    return new OAuthError('temporarily_unavailable', `The service is busy, try again (${traceId})`, { cause: error });
  }
  return new OAuthError('server_error', `Something failed on our side (${traceId})`, { cause: error });
}

function fromUpstream(error: UpstreamError): OAuthError {
  switch (error.step) {
    case 'denied':
      return new OAuthError('access_denied', error.message, { cause: error });
    case 'exchange':
      // Auth0's words for every failure at the token endpoint.
      return new OAuthError('invalid_request', 'failed to obtain access token', { cause: error });
    default:
      return new OAuthError('invalid_request', error.message, { cause: error });
  }
}

function reasonOf(error: unknown, secrets: readonly (string | undefined)[]): JsonObject {
  if (error instanceof UpstreamError) {
    const detail = error.detail === undefined ? {} : { detail: redact(error, error.detail, secrets) };
    return { step: error.step, reason: error.reason, message: withoutSecrets(error.message, secrets), ...detail };
  }
  if (error instanceof OAuthError) {
    const step = error.code === 'unauthorized' ? 'user' : 'request';
    return error.detail === undefined ? { step } : { step, detail: error.detail };
  }
  return { step: 'broker', reason: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown' };
}

/** A token answer that is an error can hold tokens that nobody has read. */
const redact = ({ step }: UpstreamError, detail: string, secrets: readonly (string | undefined)[]): string => {
  const shown = withoutSecrets(detail, secrets);
  return step === 'exchange' ? withoutTokenForms(shown) : shown;
};

const toJson = (lines: readonly TraceLine[]): JsonObject[] =>
  lines.map(({ step, atMs, fields }) => ({ step, atMs, fields }));
