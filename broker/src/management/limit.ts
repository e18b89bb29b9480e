import { ApiError } from '../core/errors.ts';
import { allowanceHeaders, type RateLimit } from '../http/rate-limit.ts';
import type { Caller } from './caller.ts';

/** undefined: there are no limits. */
export type ManagementLimits = { readonly perClient: RateLimit; readonly all: RateLimit } | undefined;

/**
 * One token of the client's bucket, then one of everybody's. Answers Auth0's headers, which tell what is left to the
 * client; throws ApiError 429 with them when there is none (contract: management API §1.5).
 */
export const createLimit =
  (limits: ManagementLimits) =>
  async ({ clientId }: Caller): Promise<Readonly<Record<string, string>>> => {
    if (limits === undefined) return {};
    const own = await limits.perClient.take(`api ${clientId}`);
    const refusing = own.isAllowed ? await limits.all.take('api') : own;
    if (refusing.isAllowed) return allowanceHeaders(own);
    throw new ApiError(429, 'Global limit has been reached', {
      code: 'too_many_requests',
      headers: allowanceHeaders(refusing),
    });
  };
