import type { AttemptLimit } from '../core/attempt-limit.ts';
import { ApiError, OAuthError, PageError } from '../core/errors.ts';
import { networkOf } from './network-of.ts';
import { allParameters } from './parameters.ts';
import { type Allowance, allowanceHeaders, type RateLimit } from './rate-limit.ts';
import { type HttpRequest, header, type Route } from './route.ts';

/** How much an address, and everybody together for one application, may ask; and how often an address may fail to prove itself. */
export type StrangerLimits = {
  /** What people ask for: pages, and what begins something. */
  readonly perAddress: RateLimit;
  readonly perClient: RateLimit;
  /** What an application's server asks for everybody: redeeming, userinfo, keys. */
  readonly perServer: RateLimit;
  readonly failures: AttemptLimit;
};

/** What begins something leaves a row behind. */
const beginning: readonly string[] = ['/authorize', '/oauth/par', '/oauth/device/code'];
const proving: readonly string[] = ['/oauth/token', '/oauth/revoke', '/oauth/par', '/oauth/device/code'];

/**
 * Limits for those whom nobody knows, on every route. Those with a good token for the Management API are known, and have
 * limits of their own there. undefined: no limits.
 */
export const limitStrangers = (limits: StrangerLimits | undefined, routes: readonly Route[]): readonly Route[] =>
  limits === undefined ? routes : routes.map((route) => limited(limits, route));

function limited(limits: StrangerLimits, route: Route): Route {
  if (route.admit !== undefined) return limitedWithoutToken(limits, route, route.admit);
  const begins = beginning.includes(route.path);
  const rate = begins || route.answers === 'page' ? limits.perAddress : limits.perServer;
  const kind = rate === limits.perAddress ? 'address' : 'server';
  const answer = proving.includes(route.path) ? countingFailures(limits.failures, route.handle) : route.handle;
  return {
    ...route,
    async handle(request) {
      const network = networkOf(request.ip);
      if (network === undefined) return route.handle(request);
      check(await rate.take(`${kind} ${network}`), route);
      if (begins) check(await limits.perClient.take(`client ${clientIdOf(request)}`), route);
      return answer(request);
    },
  };
}

/**
 * Only what is refused for its token counts, so that nobody takes anything from those who have a good one, whatever
 * comes from the same address.
 */
function limitedWithoutToken(limits: StrangerLimits, route: Route, admit: NonNullable<Route['admit']>): Route {
  const admitCounting: typeof admit = async (head) => {
    try {
      return await admit(head);
    } catch (error) {
      const network = isTokenRefused(error) ? networkOf(head.ip) : undefined;
      if (network !== undefined) check(await limits.perAddress.take(`token ${network}`), route);
      throw error;
    }
  };
  return { ...route, admit: admitCounting, handle: async (request) => (await admitCounting(request))(request) };
}

/** The Management API's answers to a token that is none (400), and to none or one that is not good here (401). */
const isTokenRefused = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 401 || error.status === 400);

/** 401 is the answer to a client that did not prove itself. */
const countingFailures =
  (failures: AttemptLimit, handle: Route['handle']): Route['handle'] =>
  async (request) => {
    const key = `${networkOf(request.ip)} ${clientIdOf(request)}`;
    if (failures.isReached(key)) {
      const headers = { 'retry-after': String(failures.waitSeconds(key)) };
      throw new OAuthError('too_many_requests', 'Too many failed attempts', { status: 429, headers });
    }
    try {
      return await handle(request);
    } catch (error) {
      if (error instanceof OAuthError && error.status === 401) failures.countFailure(key);
      throw error;
    }
  };

function clientIdOf(request: HttpRequest): string {
  const [, basic = ''] = /^Basic (.+)$/i.exec(header(request, 'authorization') ?? '') ?? [];
  const [user = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':', 1);
  return (allParameters(request).values.client_id ?? user).slice(0, 100);
}

function check(allowance: Allowance, { answers }: Route): void {
  if (allowance.isAllowed) return;
  const headers = allowanceHeaders(allowance);
  const message = 'Too many requests';
  if (answers === 'page') {
    throw new PageError('too_many_requests', message, { kind: 'busy', status: 429, headers });
  }
  if (answers === 'json') throw new OAuthError('too_many_requests', message, { status: 429, headers });
  throw new ApiError(429, 'Global limit has been reached', { code: 'too_many_requests', headers });
}
