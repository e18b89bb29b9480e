import type { Connection } from '../../core/connection.ts';
import { isConflict, OAuthError, UpstreamError } from '../../core/errors.ts';
import { createTrace, type KeptTrace } from '../../core/trace.ts';
import type { User } from '../../core/user.ts';
import type { HttpReply, HttpRequest } from '../../http/route.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import { isExpected, readHint } from '../authorize/id-token-hint.ts';
import { type AuthorizeRequest, verifyRequest } from '../authorize/request.ts';
import { proveTarget, type Target } from '../authorize/target.ts';
import { completeWithConsent } from '../consent/ask-consent.ts';
import type { LoginDeps } from '../deps.ts';
import { failAt } from '../fail.ts';
import { lastUsedCookies } from '../last-used.ts';
import { callbackUrl } from '../transaction.ts';
import { checkIssuer, getConnection, readUpstreamAnswer } from './connection.ts';
import { eventsOfSignUp } from './sign-up-events.ts';
import { type Taken, takeTransaction } from './take-transaction.ts';

/**
 * `GET /login/callback`: the browser comes back from the upstream. One transaction in, one answer out.
 * The application's request is verified anew: what has changed since it began counts.
 */
export const callback =
  (deps: LoginDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const taken = await takeTransaction(deps, request);
    const tenant = await deps.directory.read();
    const { traceId, connectionId, createdAt: beganAt } = taken.transaction;
    const target = proveTarget(tenant, { values: taken.parameters, malformed: new Set() });
    const trace = createTrace(traceId, () => performance.now());
    const { code: sentCode, state } = request.query.values;
    const secrets = [sentCode, state, taken.verifier, taken.nonce];
    let known: User | undefined;
    try {
      const verified = verifyRequest(tenant, target.client, taken.parameters);
      const connection = getConnection(tenant, taken.transaction, request);
      checkIssuer(connection, taken.transaction, request);
      secrets.push(...secretsOf(connection));
      await resumeDeparture(deps, connection, trace);
      const code = readUpstreamAnswer(request);
      const answer = await deps.upstream.exchangeCode(
        connection,
        { code, verifier: taken.verifier, nonce: taken.nonce, redirectUri: callbackUrl(deps.issuerUrl, connection) },
        trace,
      );
      secrets.push(answer.tokenset.accessToken, answer.tokenset.refreshToken, answer.tokenset.idToken);
      const profile = await deps.upstream.fetchProfile(connection, answer, trace);
      const user = await distinct(
        deps.users.signIn(connection, profile, { tokenset: answer.tokenset, ip: request.ip }),
      );
      known = user;
      if (user.isBlocked) throw new OAuthError('unauthorized', 'user is blocked');
      const hinted = await readHint(deps, target.client, taken.parameters.id_token_hint);
      if (!isExpected(hinted, user)) throw new OAuthError('login_required', 'Login required');
      const { upstreamUserId } = profile;
      const finishing = { request, tenant, taken, target, verified, connection, user, trace, secrets };
      return await finish(deps, { ...finishing, upstreamUserId });
    } catch (error) {
      return failAt(deps, target, error, {
        request,
        traceId,
        connectionId,
        user: known,
        beganAt,
        isSilent: false,
        trace: trace.lines,
        runs: trace.runs,
        secrets,
      });
    }
  };

/** A script made the address that the browser went to: its run is part of this story. */
async function resumeDeparture({ attempts }: LoginDeps, { options }: Connection, trace: KeptTrace): Promise<void> {
  if (!options.scripts?.authorizationUrl) return;
  const before = await attempts.findFirstHalf(trace.id);
  if (before !== undefined) trace.resume(before);
}

/** Auth0: credentials for the token endpoint may stand in `customHeaders` too. */
const secretsOf = ({ options }: Connection): (string | undefined)[] => [
  options.client_secret,
  ...Object.entries(options.customHeaders ?? {})
    .filter(([name, value]) => /auth|key|secret|token/i.test(name) && typeof value === 'string')
    .map(([, value]) => value),
];

async function distinct(upserted: Promise<User>): Promise<User> {
  try {
    return await upserted;
  } catch (cause) {
    if (!isConflict(cause)) throw cause;
    // The rendered id belongs to another identity: two people never become one.
    throw new UpstreamError('profile', 'identity_conflict', 'This identity cannot be told from another one', { cause });
  }
}

type Finishing = {
  readonly request: HttpRequest;
  readonly tenant: Snapshot;
  readonly taken: Taken;
  readonly target: Target;
  readonly verified: AuthorizeRequest;
  readonly connection: Connection;
  readonly user: User;
  readonly upstreamUserId: string;
  readonly trace: KeptTrace;
  readonly secrets: readonly (string | undefined)[];
};

/** A new session in place of what the browser held; without scripts it is written with the code and the log event, all in one transaction. */
async function finish(deps: LoginDeps, finishing: Finishing): Promise<HttpReply> {
  const { request, tenant, taken, target, verified, connection, user, upstreamUserId, trace, secrets } = finishing;
  const { traceId, createdAt: beganAt } = taken.transaction;
  const old = await deps.sessions.find(request);
  const started = deps.sessions.start(tenant, {
    userId: user.id,
    connectionId: connection.id,
    clientId: verified.client.id,
    request,
    old,
  });
  const reply = await completeWithConsent(deps, {
    request,
    tenant,
    target,
    verified,
    user,
    session: started.session,
    sessionWrites: [
      started.write,
      ...(old === undefined ? [] : deps.sessions.replace(old, started.session)),
      ...eventsOfSignUp(deps, finishing),
    ],
    cookies: [started.cookie, ...lastUsedCookies(deps.issuerUrl, request, connection.id)],
    traceId,
    trace,
    details: {},
    prompted: { beganAt, connectionName: connection.name, upstreamUserId },
    secrets,
    resumed: undefined,
  });
  if (old !== undefined && old.userId !== user.id) deps.sessions.afterEnd();
  return reply;
}
