import { OAuthError } from '../../core/errors.ts';
import { redirectReply } from '../../http/reply.ts';
import type { HttpReply } from '../../http/route.ts';
import { type Completing, complete } from '../complete.ts';
import type { LoginDeps } from '../deps.ts';
import { consentRuleFor, type Question, questionFor } from './consent-rule.ts';
import { createPending } from './pending-consent.ts';

/** The person is known. Where the application may not go on without asking them, they are asked first. */
export async function completeWithConsent(deps: LoginDeps, completing: Completing): Promise<HttpReply> {
  const { tenant, verified, target, user } = completing;
  const rule = consentRuleFor({ tenant, verified, redirectUri: target.redirectUri });
  if (rule === undefined) return complete(deps, completing);
  const allowed = await deps.store.userGrants.find(user.id, verified.client.id, verified.resourceServer?.identifier);
  const question = questionFor(rule, verified, allowed);
  if (question === undefined) return complete(deps, completing);
  if (verified.prompts.has('none')) throw new OAuthError('consent_required', 'Consent required');
  return ask(deps, completing, question);
}

/** Auth0: the session is there whatever the person answers. */
async function ask(deps: LoginDeps, completing: Completing, question: Question): Promise<HttpReply> {
  const { request, sessionWrites, cookies, trace, traceId, secrets, user, session, verified } = completing;
  const state = deps.random.token('cs_');
  trace.record('consent.asked', { question });
  const pending = createPending(deps, completing, { state, question });
  const facts = { traceId, clientId: verified.client.id, connectionId: session.connectionId, userId: user.id };
  const kept = deps.attempts.record({ ...facts, trace, secrets, road: 'at-consent' });
  await deps.store.writeAll([...sessionWrites, deps.store.transactions.create(pending), ...kept]);
  const status = request.method === 'POST' ? 303 : 302;
  return redirectReply(status, `${deps.issuerUrl}u/consent?state=${state}`, cookies);
}
