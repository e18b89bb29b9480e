import { hasPostLogin, type Verdict } from '../actions/actions.ts';
import type { Protocol, Resumed } from '../actions/sign-in.ts';
import type { CustomClaims } from '../core/action.ts';
import { OAuthError } from '../core/errors.ts';
import type { TraceId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import { logNameOf } from '../core/log-event.ts';
import type { Session } from '../core/session.ts';
import type { KeptTrace } from '../core/trace.ts';
import type { User } from '../core/user.ts';
import type { HttpReply, HttpRequest } from '../http/route.ts';
import type { Write } from '../store/store.ts';
import type { Snapshot } from '../tenant/directory.ts';
import { isActivation, withoutActivation } from './activate/activation.ts';
import type { AuthorizeRequest } from './authorize/request.ts';
import type { Target } from './authorize/target.ts';
import type { LoginDeps } from './deps.ts';
import { failAt } from './fail.ts';
import { grant } from './grant.ts';
import { sendAway } from './send-away.ts';
import { type Prompted, signInDetails } from './sign-in-details.ts';

export type Completing = {
  readonly request: HttpRequest;
  readonly tenant: Snapshot;
  readonly target: Target;
  readonly verified: AuthorizeRequest;
  readonly user: User;
  readonly session: Session;
  /** What makes, replaces or prolongs the session. */
  readonly sessionWrites: readonly Write<unknown>[];
  readonly cookies: readonly string[];
  readonly traceId: TraceId;
  readonly trace: KeptTrace;
  readonly details: JsonObject;
  readonly prompted?: Prompted;
  readonly secrets: readonly (string | undefined)[];
  readonly resumed: Resumed | undefined;
};

/** The person is known: post-login scripts, if there are any, and then what the response type asks for. */
export async function complete(deps: LoginDeps, completing: Completing): Promise<HttpReply> {
  const { tenant, target, request, sessionWrites, traceId, trace, cookies, session, secrets } = completing;
  if (!hasPostLogin(tenant)) return answer(deps, completing, sessionWrites);
  try {
    // Auth0: the session is there by now, whatever the scripts decide about this application.
    if (sessionWrites.length > 0) await deps.store.writeAll(sessionWrites);
    const verdict = await runScripts(deps, completing);
    if (verdict.kind === 'redirect') return await sendAway(deps, completing, verdict);
    const { user, scopes, claims } = verdict;
    return await answer(deps, { ...completing, user, verified: { ...completing.verified, scopes }, claims }, []);
  } catch (error) {
    return failAt(deps, target, error, {
      request,
      traceId,
      connectionId: session.connectionId,
      user: completing.user,
      ...(completing.prompted === undefined ? {} : { beganAt: completing.prompted.beganAt }),
      isSilent: isSilent(completing),
      trace: trace.lines,
      runs: trace.runs,
      cookies,
      secrets,
    });
  }
}

function runScripts(deps: LoginDeps, completing: Completing): Promise<Verdict> {
  const { tenant, trace, request, verified, user, session, resumed } = completing;
  const connection = tenant.findConnection(session.connectionId);
  if (connection === undefined) throw new OAuthError('invalid_request', 'the connection was disabled');
  return deps.actions.runPostLogin({
    tenant,
    trace,
    request,
    protocol: protocolOf(verified),
    parameters: withoutActivation(verified.parameters),
    user,
    client: verified.client,
    connection,
    resourceServer: verified.resourceServer,
    scopes: verified.scopes,
    session,
    refreshToken: undefined,
    mayRedirect: !isSilent(completing),
    resumed,
  });
}

const isSilent = ({ verified }: Pick<Completing, 'verified'>): boolean => verified.prompts.has('none');

function protocolOf({ responseType, parameters }: AuthorizeRequest): Protocol {
  if (isActivation(parameters)) return 'oauth2-device-code';
  if (!responseType.code) return 'oidc-implicit-profile';
  return responseType.token || responseType.idToken ? 'oidc-hybrid-profile' : 'oidc-basic-profile';
}

function answer(
  deps: LoginDeps,
  completing: Completing & { readonly claims?: CustomClaims | undefined },
  writes: readonly Write<unknown>[],
): Promise<HttpReply> {
  const { request, target, verified, user, session, traceId, trace, details, secrets, cookies, claims } = completing;
  const facts = { traceId, clientId: verified.client.id, connectionId: session.connectionId, userId: user.id };
  const steps = trace.lines.map(({ step, atMs, fields }) => ({ step, atMs, fields }));
  const event = deps.events.record(request, {
    ...facts,
    type: isSilent(completing) ? 'ssa' : 's',
    userName: logNameOf(user),
    details: steps.length === 0 ? details : { ...details, steps },
    tenantDetails: signInDetails({ user, session, verified, prompted: completing.prompted }, deps.clock.now()),
  });
  const road = trace.isResumed() ? 'returned' : undefined;
  const attempt = deps.attempts.record({ ...facts, trace, secrets, ...(road === undefined ? {} : { road }) });
  return grant(deps, target, verified, {
    request,
    user,
    session,
    traceId,
    claims,
    writes: [...writes, event, ...attempt],
    cookies,
  });
}
