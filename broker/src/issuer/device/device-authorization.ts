import { addSeconds } from '../../core/clock.ts';
import { createUserCode, deviceGrantType, hashUserCode, mayUseDeviceCode } from '../../core/device-code.ts';
import { isConflict } from '../../core/errors.ts';
import { hashHandle } from '../../core/hash.ts';
import type { ClientId, HandleHash } from '../../core/ids.ts';
import { parseScopes } from '../../core/scope.ts';
import { withoutEmpty } from '../../http/parameters.ts';
import { jsonReply } from '../../http/reply.ts';
import { type HttpReply, type HttpRequest, header } from '../../http/route.ts';
import { checkRepeated } from '../token/check-repeated.ts';
import { grantNotAllowed } from '../token/grant-not-allowed.ts';
import { resourceServerOf, type TokenDeps } from '../token/issue-tokens.ts';

/** Auth0's numbers. */
const lifetimeSeconds = 900;
export const pollingIntervalSeconds = 5;
/** Of 2^40 user codes two are seldom the same. */
const attempts = 3;

type DeviceDeps = TokenDeps & { readonly issuerUrl: string };

/** `POST /oauth/device/code` (RFC 8628 §3.1): a code for the device, and one that a person types elsewhere. */
export const deviceAuthorization =
  (deps: DeviceDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const parameters = withoutEmpty(request.body);
    checkRepeated(parameters);
    const client = await deps.authenticateClient(parameters, header(request, 'authorization'));
    if (!mayUseDeviceCode(client)) throw grantNotAllowed(deviceGrantType);
    const { scope, audience } = parameters.values;
    const tenant = await deps.directory.read();
    resourceServerOf(tenant, audience ?? tenant.settings.defaultAudience);
    const { deviceCode, userCode } = await createCodes(deps, {
      clientId: client.id,
      scope: withoutUnstorable(scope),
      audience,
    });
    const verificationUri = `${deps.issuerUrl}activate`;
    return jsonReply(200, {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: verificationUri,
      expires_in: lifetimeSeconds,
      interval: pollingIntervalSeconds,
      verification_uri_complete: `${verificationUri}?user_code=${userCode}`,
    });
  };

/** Scopes are verified once the person decides; one that no database gives back is nobody's, now and then. */
const withoutUnstorable = (scope: string | undefined): string | undefined =>
  scope &&
  parseScopes(scope)
    .filter((word) => word.isWellFormed() && !word.includes('\0'))
    .join(' ');

type Asked = {
  readonly clientId: ClientId;
  readonly scope: string | undefined;
  readonly audience: string | undefined;
};

async function createCodes({ store, random, clock }: DeviceDeps, asked: Asked) {
  const now = clock.now();
  for (let attempt = 1; ; attempt += 1) {
    const deviceCode = random.token('dc_');
    const userCode = createUserCode(random);
    const row = {
      ...asked,
      id: random.id('dev_'),
      deviceHash: hashHandle(deviceCode) as HandleHash,
      userCodeHash: hashUserCode(userCode),
      state: 'pending' as const,
      granted: undefined,
      denial: undefined,
      createdAt: now,
      expiresAt: addSeconds(now, lifetimeSeconds),
    };
    try {
      await store.write(store.deviceCodes.create(row));
      return { deviceCode, userCode };
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error;
    }
  }
}
