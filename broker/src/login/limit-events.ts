import { attemptKeyOf, createAttemptLimit } from '../core/attempt-limit.ts';
import type { Clock } from '../core/clock.ts';
import { ApiError, OAuthError, PageError } from '../core/errors.ts';
import type { HttpReply, HttpRequest, Route } from '../http/route.ts';
import type { Events } from './events.ts';

export type LimitEvents = {
  /** An application has reached its limit, or nearly: one line a minute. */
  tell(request: HttpRequest, type: 'api_limit' | 'api_limit_warning', clientId: string): void;
  /** The same for whoever else is refused for asking too much, by address. */
  recording(respondError: RespondError): RespondError;
};

type RespondError = (error: unknown, route: Route | undefined, request: HttpRequest) => Promise<HttpReply>;

const windowSeconds = 60;
/** Of all addresses together. */
const mostAddresses = 60;

const descriptions = {
  api_limit: 'The rate limit was reached',
  api_limit_warning: 'The rate limit is nearly reached',
} as const;

/** Limits are reached by those who ask without end: their lines come once a minute for each, and do not grow with them. */
export function createLimitEvents({ events, clock }: { readonly events: Events; readonly clock: Clock }): LimitEvents {
  const told = createAttemptLimit({ clock, max: 1, windowSeconds });
  const addresses = createAttemptLimit({ clock, max: mostAddresses, windowSeconds });
  const isFirst = (key: string): boolean => {
    if (told.isReached(key)) return false;
    told.countFailure(key);
    return true;
  };
  const write = (request: HttpRequest, type: keyof typeof descriptions, clientId: string | undefined) => {
    const details = { method: request.method, path: request.path.slice(0, 200) };
    events.queue(request, { type, traceId: request.traceId, clientId, description: descriptions[type], details });
  };
  return {
    tell(request, type, clientId) {
      if (isFirst(`${type} ${clientId}`)) write(request, type, clientId);
    },
    recording: (respondError) => (error, route, request) => {
      if (isTooMany(error) && !addresses.isReached('all') && isFirst(`address ${attemptKeyOf(request.ip)}`)) {
        addresses.countFailure('all');
        write(request, 'api_limit', undefined);
      }
      return respondError(error, route, request);
    },
  };
}

const isTooMany = (error: unknown): boolean =>
  (error instanceof OAuthError || error instanceof PageError || error instanceof ApiError) &&
  error.code === 'too_many_requests' &&
  !error.isRecorded;
