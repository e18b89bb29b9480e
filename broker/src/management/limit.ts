import { ApiError } from '../core/errors.ts';
import { allowanceHeaders, type RateLimit } from '../http/rate-limit.ts';
import type { HttpRequest } from '../http/route.ts';
import type { Caller } from './caller.ts';

/** undefined: there are no limits. */
export type ManagementLimits = { readonly perClient: RateLimit; readonly all: RateLimit } | undefined;

/** Tells the tenant's log of a client that has reached its limit, or nearly. */
export type TellLimit = (request: HttpRequest, type: 'api_limit' | 'api_limit_warning', clientId: string) => void;

/** The log warns where less than this part is left. */
const warningShare = 0.2;

/**
 * One token of the client's bucket, then one of everybody's. Answers Auth0's headers, which tell what is left to the
 * client; throws ApiError 429 with them when there is none (contract: management API §1.5).
 */
export const createLimit =
  (limits: ManagementLimits, tell: TellLimit) =>
  async ({ clientId }: Caller, head: HttpRequest): Promise<Readonly<Record<string, string>>> => {
    if (limits === undefined) return {};
    const own = await limits.perClient.take(`api ${clientId}`);
    const refusing = own.isAllowed ? await limits.all.take('api') : own;
    if (refusing.isAllowed) {
      if (own.remaining < own.limit * warningShare) tell(head, 'api_limit_warning', clientId);
      return allowanceHeaders(own);
    }
    tell(head, 'api_limit', clientId);
    throw new ApiError(429, 'Global limit has been reached', {
      code: 'too_many_requests',
      headers: allowanceHeaders(refusing),
      isRecorded: true,
    });
  };
