import { hash } from 'node:crypto';
import type { DeviceCode, DeviceGrant } from '../../core/device-code.ts';
import { hashHandle } from '../../core/hash.ts';
import type { HandleHash } from '../../core/ids.ts';
import { isSameText } from '../../core/secret.ts';
import type { Code } from '../../core/session.ts';
import { frameFor } from '../../http/page-frame.ts';
import { pageReply } from '../../http/reply.ts';
import type { HttpReply, HttpRequest } from '../../http/route.ts';
import { deriveVerifier } from '../browsers.ts';
import { lostTransaction } from '../callback/lost-transaction.ts';
import type { LoginDeps } from '../deps.ts';
import { renderDeviceEnd } from '../pages/activate-pages.ts';
import { activationUri, readState } from './activation.ts';

/** The person, or a script about them, said no. Anything else may go better at a second try with the same code. */
const denials: ReadonlySet<string> = new Set(['access_denied', 'unauthorized']);
const maxDenialLength = 200;

/** `GET /activate/callback`: the sign-in of a device's person has ended, in the browser where it was confirmed. */
export const finishActivation =
  (deps: LoginDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const { values } = request.query;
    const device = await getDevice(deps, request, values.state);
    const isConnected =
      device.state === 'pending' ? await decide(deps, request, device, values) : device.state === 'allowed';
    const { settings } = await deps.directory.read();
    return pageReply(200, renderDeviceEnd({ frame: frameFor(settings, request), isConnected }));
  };

async function getDevice(deps: LoginDeps, request: HttpRequest, state: string | undefined): Promise<DeviceCode> {
  const id = readState(state, deps.browsers.find(request));
  const device = id === undefined ? undefined : await deps.store.deviceCodes.find(id);
  if (device !== undefined) return device;
  throw lostTransaction(id === undefined ? 'activation: another browser' : 'activation: unknown, or fetched by now');
}

async function decide(
  deps: LoginDeps,
  request: HttpRequest,
  device: DeviceCode,
  { code, error, error_description: description, state = '' }: Readonly<Record<string, string>>,
): Promise<boolean> {
  const { store, clock } = deps;
  if (error !== undefined) {
    const denial = (description ?? error).slice(0, maxDenialLength);
    if (denials.has(error)) await store.write(store.deviceCodes.deny(device.id, denial, clock.now()));
    return false;
  }
  const granted = await spendCode(deps, request, { device, code, state });
  return store.write(store.deviceCodes.allow(device.id, granted, clock.now()));
}

/** The code never leaves us, and it is verified all the same: it must have been made for this device and in this browser. */
async function spendCode(
  { store, clock, browsers }: LoginDeps,
  request: HttpRequest,
  given: { readonly device: DeviceCode; readonly code: string | undefined; readonly state: string },
): Promise<DeviceGrant> {
  const browser = browsers.find(request);
  if (given.code === undefined || browser === undefined) throw lostTransaction('activation: no code');
  const now = clock.now();
  const spent = await store.write(store.codes.consume(hashHandle(given.code) as HandleHash, now));
  const challenge = hash('sha256', deriveVerifier(browser, given.state), 'base64url');
  const isRight =
    spent !== undefined &&
    spent.redirectUri === activationUri &&
    spent.clientId === given.device.clientId &&
    spent.expiresAt > now &&
    isSameText(spent.challenge ?? '', challenge);
  if (!isRight) throw lostTransaction('activation: its code is not good');
  return toGrant(spent);
}

const toGrant = (code: Code): DeviceGrant => ({
  grantId: code.grantId,
  clientId: code.clientId,
  userId: code.userId,
  connectionId: code.connectionId,
  sid: code.sid,
  scopes: code.scopes,
  audience: code.audience,
  authenticatedAt: code.authenticatedAt,
  claims: code.claims,
});
