import { OAuthError, PageError } from '../../core/errors.ts';
import { isSameText } from '../../core/secret.ts';
import { createTrace } from '../../core/trace.ts';
import type { User } from '../../core/user.ts';
import { frameFor } from '../../http/page-frame.ts';
import { pageReply } from '../../http/reply.ts';
import type { HttpReply, HttpRequest } from '../../http/route.ts';
import type { Write } from '../../store/store.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import { leadOn } from '../answer-form.ts';
import { type AuthorizeRequest, verifyRequest } from '../authorize/request.ts';
import { proveTarget, type Target } from '../authorize/target.ts';
import { complete } from '../complete.ts';
import type { LoginDeps } from '../deps.ts';
import { failAt } from '../fail.ts';
import { checkStillAdmitted } from '../still-admitted.ts';
import { renderConsentPage } from './consent-page.ts';
import { confirmationOf, findPending, type PendingConsent, spendPending } from './pending-consent.ts';

/** `GET /u/consent?state`: what the application asks for. Looking at it changes nothing, so it may be looked at again. */
export const consentPage =
  (deps: LoginDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const { state } = request.query.values;
    const pending = await findPending(deps, request, state);
    const tenant = await deps.directory.read();
    const { verified } = verifyPending(tenant, pending);
    const user = await checkStillAdmitted(deps, tenant, { verified, session: pending.session });
    const page = renderConsentPage({
      frame: frameFor(tenant.settings, request, pending.parameters.ui_locales),
      question: pending.question,
      client: verified.client,
      person: personOf(user),
      scopes: verified.scopes,
      resourceServer: verified.resourceServer,
      action: `${deps.issuerUrl}u/consent`,
      fields: { state: state ?? '', confirmation: confirmationOf(pending, verified) },
    });
    return pageReply(200, page);
  };

/** `POST /u/consent`: the person has decided. The request is verified anew, and so is what the page showed. */
export const decideConsent =
  (deps: LoginDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const { state, confirmation = '', decision } = request.body.values;
    const pending = await findPending(deps, request, state);
    const tenant = await deps.directory.read();
    const { target, verified } = verifyPending(tenant, pending);
    if (!isSameText(confirmation, confirmationOf(pending, verified))) throw notFromThePage(pending);
    await spendPending(deps, pending);
    const reply = await answer(deps, { request, tenant, pending, target, verified, isAllowed: decision === 'allow' });
    return leadOn(reply, {
      frame: frameFor(tenant.settings, request, pending.parameters.ui_locales),
      name: verified.client.name,
    });
  };

const notFromThePage = ({ transaction }: PendingConsent): PageError =>
  new PageError('invalid_request', 'The answer does not come from the page that asked', {
    step: 'state',
    clientId: transaction.clientId,
  });

type Verified = { readonly target: Target; readonly verified: AuthorizeRequest };

function verifyPending(tenant: Snapshot, { parameters }: PendingConsent): Verified {
  const target = proveTarget(tenant, { values: parameters, malformed: new Set() });
  return { target, verified: verifyRequest(tenant, target.client, parameters) };
}

type Answering = Verified & {
  readonly request: HttpRequest;
  readonly tenant: Snapshot;
  readonly pending: PendingConsent;
  readonly isAllowed: boolean;
};

async function answer(deps: LoginDeps, answering: Answering): Promise<HttpReply> {
  const { request, tenant, pending, target, verified, isAllowed } = answering;
  const { session, steps, question } = pending;
  const { traceId } = pending.transaction;
  const trace = createTrace(traceId, () => performance.now());
  const kept = await deps.attempts.findFirstHalf(traceId);
  trace.resume({ lines: steps, runs: kept?.runs ?? [] });
  try {
    if (!isAllowed) throw new OAuthError('access_denied', 'User did not authorize the request');
    const user = await checkStillAdmitted(deps, tenant, { verified, session });
    return await complete(deps, {
      request,
      tenant,
      target,
      verified,
      user,
      session,
      sessionWrites: question === 'consent' ? [await rememberConsent(deps, user, verified)] : [],
      cookies: [],
      traceId,
      trace,
      details: { consent: 'allowed' },
      secrets: [],
      resumed: undefined,
    });
  } catch (error) {
    const { connectionId } = session;
    const failing = { request, traceId, connectionId, isSilent: false, hasDecided: true };
    return failAt(deps, target, error, { ...failing, trace: trace.lines, runs: trace.runs });
  }
}

/** What was allowed before stays allowed. */
async function rememberConsent(
  { store, clock, random }: LoginDeps,
  user: User,
  { client, resourceServer, scopes }: AuthorizeRequest,
): Promise<Write<void>> {
  const audience = resourceServer?.identifier;
  const before = await store.userGrants.find(user.id, client.id, audience);
  return store.userGrants.put({
    id: random.id('ug_'),
    userId: user.id,
    clientId: client.id,
    audience,
    scopes: [...new Set([...(before?.scopes ?? []), ...scopes])],
    allowedAt: clock.now(),
  });
}

function personOf({ id, attributes }: User): string {
  const { email, name, nickname } = attributes;
  const known = [email, name, nickname].find((value) => typeof value === 'string' && value !== '');
  return typeof known === 'string' ? known : id;
}
