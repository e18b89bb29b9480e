import type { Client } from '../../core/client.ts';
import { addSeconds } from '../../core/clock.ts';
import { type DeviceCode, deviceGrantType, mayUseDeviceCode } from '../../core/device-code.ts';
import { OAuthError } from '../../core/errors.ts';
import { hashHandle } from '../../core/hash.ts';
import type { HandleHash } from '../../core/ids.ts';
import { pollingIntervalSeconds } from '../device/device-authorization.ts';
import { grantNotAllowed } from './grant-not-allowed.ts';
import { issueFirstTokens } from './issue-first-tokens.ts';
import { getLiveUser, resourceServerOf, type TokenAnswer, type TokenDeps, type TokenRequest } from './issue-tokens.ts';
import { requireParameter } from './require-parameter.ts';

/** A device's clock and the road to us are not exact: this much less than the interval still counts as it. */
const graceSeconds = 1;

/** RFC 8628 §3.4: the device asks whether its person has decided. What was decided is told once. */
export async function pollDeviceCode(deps: TokenDeps, client: Client, request: TokenRequest): Promise<TokenAnswer> {
  if (!mayUseDeviceCode(client)) throw grantNotAllowed(deviceGrantType);
  const value = requireParameter(request.body, 'device_code');
  const now = deps.clock.now();
  const decided = await takeDecided(deps, client, value, now);
  const granted = getGranted(decided, now);
  const { claims, ...authorization } = granted;
  const user = await getLiveUser(deps, authorization, invalidText);
  const resourceServer = resourceServerOf(await deps.directory.read(), authorization.audience);
  return issueFirstTokens(deps, { client, user, authorization, resourceServer, claims, request, now });
}

async function takeDecided(deps: TokenDeps, client: Client, value: string, now: Date): Promise<DeviceCode> {
  const { store } = deps;
  const deviceHash = hashHandle(value) as HandleHash;
  const decided = await store.write(store.deviceCodes.takeDecided(deviceHash, client.id, now));
  if (decided !== undefined) return decided;
  const previous = addSeconds(now, graceSeconds - pollingIntervalSeconds);
  const poll = await store.write(store.deviceCodes.poll(deviceHash, client.id, { now, previous }));
  if (poll === undefined) throw refused('invalid_grant', invalidText);
  if (poll.isTooSoon) {
    throw new OAuthError('slow_down', 'You are polling faster than the specified interval of 5 seconds.', {
      status: 429,
      headers: { 'retry-after': String(pollingIntervalSeconds) },
    });
  }
  throw refused('authorization_pending', 'User has yet to authorize device code.');
}

/** A decision that nobody fetched in time is as expired as none. */
function getGranted({ expiresAt, granted, denial }: DeviceCode, now: Date): NonNullable<DeviceCode['granted']> {
  if (expiresAt <= now) throw refused('expired_token', 'The device code has expired.');
  if (granted === undefined) throw refused('access_denied', denial ?? 'User did not authorize the request');
  return granted;
}

const invalidText = 'Invalid or expired device code.';

const refused = (
  code: 'invalid_grant' | 'authorization_pending' | 'expired_token' | 'access_denied',
  message: string,
): OAuthError => new OAuthError(code, message, { status: 403 });
