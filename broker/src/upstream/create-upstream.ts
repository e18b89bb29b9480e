import type { Clock } from '../core/clock.ts';
import type { TenantSettings } from '../core/tenant.ts';
import type { GuardedFetch } from '../http/egress.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { authorizationUrl } from './authorization-url.ts';
import { defaultUpstreamLimits, type UpstreamLimits } from './call-upstream.ts';
import { exchangeCode } from './exchange-code.ts';
import { fetchProfile } from './fetch-profile.ts';
import { createKeySets } from './key-sets.ts';
import { logoutUrl } from './logout-url.ts';
import { scriptAuthorizationUrl } from './script-authorization-url.ts';
import type { Upstream } from './upstream.ts';
import { createVerifyIdToken } from './verify-id-token.ts';

export type UpstreamDeps = {
  readonly fetch: GuardedFetch;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  /** Read at each sign-in, since an administrator may change it. */
  readonly readSettings?: () => Promise<Pick<TenantSettings, 'allowsTokensInAppMetadata'>>;
  readonly limits?: Partial<UpstreamLimits>;
};

export function createUpstream({ fetch, sandbox, clock, readSettings, limits }: UpstreamDeps): Upstream {
  const calls = { fetch, clock, limits: { ...defaultUpstreamLimits, ...limits } };
  const verifyIdToken = createVerifyIdToken({ keySets: createKeySets(calls), clock });
  const keepsTokensInAppMetadata = async (): Promise<boolean> =>
    (await readSettings?.())?.allowsTokensInAppMetadata ?? false;
  return {
    authorizationUrl(connection, authorization, trace) {
      const source = connection.options.scripts?.authorizationUrl;
      return source
        ? scriptAuthorizationUrl(sandbox, connection, { source, authorization, trace })
        : authorizationUrl(connection, authorization);
    },
    exchangeCode: (connection, exchange, trace) =>
      exchangeCode({ ...calls, sandbox, verifyIdToken }, connection, { exchange, trace }),
    fetchProfile: (connection, answer, trace) =>
      fetchProfile({ ...calls, sandbox, keepsTokensInAppMetadata }, connection, { answer, trace }),
    logoutUrl: (connection, logout, trace) => logoutUrl(sandbox, connection, { logout, trace }),
  };
}
