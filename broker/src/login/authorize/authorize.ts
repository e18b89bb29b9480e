import type { Connection } from '../../core/connection.ts';
import { OAuthError } from '../../core/errors.ts';
import { createTrace, type KeptTrace } from '../../core/trace.ts';
import { redirectReply } from '../../http/reply.ts';
import type { HttpReply, HttpRequest } from '../../http/route.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import { completeWithConsent } from '../consent/ask-consent.ts';
import type { LoginDeps } from '../deps.ts';
import { failAt } from '../fail.ts';
import { departingTransaction, keepDeparture, type Opening, waitingTransaction } from '../transaction.ts';
import { isExpected, readHint } from './id-token-hint.ts';
import { type AuthorizeParameters, checkPushed, readParameters, refuseActivation } from './pushed-request.ts';
import { type AuthorizeRequest, verifyRequest } from './request.ts';
import { findUsableSession, type UsableSession } from './session-decision.ts';
import { proveTarget, type Target } from './target.ts';

/**
 * `GET|POST /authorize`. Before the target is proven every error is a page; afterwards it goes to the target. A usable
 * session answers at once; otherwise a transaction begins.
 */
export const authorize =
  (deps: LoginDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const asked = await readParameters(deps, request);
    refuseActivation(asked.parameters);
    return beginSignIn(deps, request, asked);
  };

/** As /authorize, for parameters that came another way. `isPushed`: not through the browser. */
export async function beginSignIn(
  deps: LoginDeps,
  request: HttpRequest,
  { parameters, isPushed }: AuthorizeParameters,
): Promise<HttpReply> {
  const tenant = await deps.directory.read();
  const target = proveTarget(tenant, parameters);
  const trace = createTrace(request.traceId, () => performance.now());
  try {
    checkPushed(target.client, isPushed);
    const verified = verifyRequest(tenant, target.client, parameters.values);
    const hinted = await readHint(deps, target.client, parameters.values.id_token_hint);
    const session = await deps.sessions.find(request);
    const usable = await findUsableSession(deps, tenant, verified, session);
    if (usable !== undefined && isExpected(hinted, usable.user))
      return await answerFromSession(deps, { tenant, target, verified, usable, request, trace });
    if (verified.prompts.has('none')) throw new OAuthError('login_required', 'Login required');
    return await beginLogin(deps, { tenant, target, verified, request, trace });
  } catch (error) {
    return failAt(deps, target, error, {
      request,
      traceId: request.traceId,
      isSilent: parameters.values.prompt === 'none',
    });
  }
}

type Answering = {
  readonly tenant: Snapshot;
  readonly target: Target;
  readonly verified: AuthorizeRequest;
  readonly usable: UsableSession;
  readonly request: HttpRequest;
  readonly trace: KeptTrace;
};

function answerFromSession(
  deps: LoginDeps,
  { tenant, target, verified, usable, request, trace }: Answering,
): Promise<HttpReply> {
  const { session, user } = usable;
  const touch = deps.sessions.touch(tenant, session, request);
  return completeWithConsent(deps, {
    request,
    tenant,
    target,
    verified,
    user,
    session,
    sessionWrites: touch === undefined ? [] : [touch],
    cookies: [],
    traceId: request.traceId,
    trace,
    details: { session: 'used' },
    secrets: [],
    resumed: undefined,
  });
}

type Beginning = Pick<Answering, 'tenant' | 'target' | 'verified' | 'request' | 'trace'>;

/** Straight to the upstream where there is nothing to pick, else to the page with the buttons. */
async function beginLogin(deps: LoginDeps, beginning: Beginning): Promise<HttpReply> {
  const { tenant, verified, request } = beginning;
  const enabled = tenant.listConnectionsOf(verified.client.id);
  if (enabled.length === 0) throw new OAuthError('invalid_request', 'no connections enabled for the client');
  const { cookies, ...browser } = deps.browsers.findOrCreate(request);
  const opening: Opening = {
    state: deps.random.token('st_'),
    browser,
    traceId: request.traceId,
    clientId: verified.client.id,
    parameters: verified.parameters,
  };
  const isOnlyOne =
    enabled.length === 1 &&
    !verified.prompts.has('select_account') &&
    tenant.settings.skipsLoginPageForSingleConnection;
  const connection = verified.connection ?? (isOnlyOne ? enabled[0] : undefined);
  if (connection === undefined) {
    await deps.store.write(deps.store.transactions.create(waitingTransaction(deps, opening)));
    return redirectReply(statusFor(request), `${deps.issuerUrl}u/login?state=${opening.state}`, cookies);
  }
  return depart(deps, beginning, { opening, connection, cookies });
}

type Departing = {
  readonly opening: Opening;
  readonly connection: Connection;
  readonly cookies: readonly string[];
};

/** From here on a failure is the connection's, and its event says so. */
async function depart(
  deps: LoginDeps,
  { target, request, trace }: Beginning,
  { opening, connection, cookies }: Departing,
): Promise<HttpReply> {
  try {
    const { transaction, url } = await departingTransaction(deps, opening, { connection, trace });
    await deps.store.write(deps.store.transactions.create(transaction));
    await keepDeparture(deps, opening, { connection, trace, url });
    return redirectReply(statusFor(request), url, cookies);
  } catch (error) {
    return failAt(deps, target, error, {
      request,
      traceId: request.traceId,
      connectionId: connection.id,
      isSilent: false,
      trace: trace.lines,
      runs: trace.runs,
    });
  }
}

const statusFor = ({ method }: HttpRequest): 302 | 303 => (method === 'POST' ? 303 : 302);
