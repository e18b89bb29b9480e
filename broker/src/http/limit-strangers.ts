import ipaddr from 'ipaddr.js';
import { type AttemptLimit, attemptKeyOf } from '../core/attempt-limit.ts';
import { OAuthError, PageError } from '../core/errors.ts';
import { allParameters } from './parameters.ts';
import type { Allowance, RateLimit } from './rate-limit.ts';
import { type HttpRequest, header, type Route } from './route.ts';

/** How much an address, and everybody together for one application, may ask; and how often an address may fail to prove itself. */
export type StrangerLimits = {
  readonly perAddress: RateLimit;
  readonly perClient: RateLimit;
  readonly failures: AttemptLimit;
};

/** What begins something leaves a row behind. */
const beginning: readonly string[] = ['/authorize', '/oauth/par', '/oauth/device/code'];
const proving: readonly string[] = ['/oauth/token', '/oauth/revoke', '/oauth/par', '/oauth/device/code'];

/**
 * Limits for those whom nobody knows: pages, what begins a sign-in, and guessed secrets. Redeeming is not limited, an
 * application's server does that for everybody from one address. undefined: no limits.
 */
export const limitStrangers = (limits: StrangerLimits | undefined, routes: readonly Route[]): readonly Route[] =>
  limits === undefined ? routes : routes.map((route) => limited(limits, route));

function limited(limits: StrangerLimits, route: Route): Route {
  const begins = beginning.includes(route.path);
  const isOpen = begins || route.answers === 'page';
  const answer = proving.includes(route.path) ? countingFailures(limits.failures, route.handle) : route.handle;
  if (!isOpen && !proving.includes(route.path)) return route;
  return {
    ...route,
    async handle(request) {
      const network = networkOf(request.ip);
      if (network === undefined) return route.handle(request);
      if (isOpen) check(await limits.perAddress.take(`address ${network}`), route);
      if (begins) check(await limits.perClient.take(`client ${clientIdOf(request)}`), route);
      return answer(request);
    },
  };
}

/**
 * Whom an address counts for; undefined: nobody. An address that is not public belongs to the operator's own network, or
 * to a proxy that PORTICO_TRUST_PROXY does not name, behind which all people would share one limit.
 */
function networkOf(ip: string): string | undefined {
  if (!ipaddr.isValid(ip)) return undefined;
  const address = ipaddr.process(ip);
  return address.range() === 'unicast' ? attemptKeyOf(address.toString()) : undefined;
}

/** 401 is the answer to a client that did not prove itself. */
const countingFailures =
  (failures: AttemptLimit, handle: Route['handle']): Route['handle'] =>
  async (request) => {
    const key = `${networkOf(request.ip)} ${clientIdOf(request)}`;
    if (failures.isReached(key)) throw new OAuthError('too_many_requests', 'Too many failed attempts', { status: 429 });
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

function check({ isAllowed, waitSeconds }: Allowance, route: Route): void {
  if (isAllowed) return;
  if (route.answers === 'page')
    throw new PageError('too_many_requests', 'Too many requests', { kind: 'busy', status: 429 });
  throw new OAuthError('too_many_requests', 'Too many requests', {
    status: 429,
    headers: { 'retry-after': String(waitSeconds) },
  });
}
