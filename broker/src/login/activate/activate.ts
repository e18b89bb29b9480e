import { attemptKeyOf, createAttemptLimit } from '../../core/attempt-limit.ts';
import type { Client } from '../../core/client.ts';
import { type DeviceCode, hashUserCode, mayUseDeviceCode, readUserCode } from '../../core/device-code.ts';
import { PageError } from '../../core/errors.ts';
import { isSameText } from '../../core/secret.ts';
import { frameFor } from '../../http/page-frame.ts';
import { renderHandoff } from '../../http/page-handoff.ts';
import { pageReply } from '../../http/reply.ts';
import type { HttpReply, HttpRequest } from '../../http/route.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import { beginSignIn } from '../authorize/authorize.ts';
import type { Browser } from '../browsers.ts';
import { lostTransaction } from '../callback/lost-transaction.ts';
import type { LoginDeps } from '../deps.ts';
import { renderConfirmDevice, renderDeviceEnd, renderEnterCode } from '../pages/activate-pages.ts';
import { activationParameters, confirmationOf } from './activation.ts';

/** `GET /activate`: where the person types what the device shows; `user_code` fills it in. */
export const activationPage =
  (deps: LoginDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const { settings } = await deps.directory.read();
    const userCode = readUserCode(request.query.values.user_code);
    const page = { frame: frameFor(settings, request), action: `${deps.issuerUrl}activate`, userCode, isWrong: false };
    return pageReply(200, renderEnterCode(page));
  };

/** Guessing a code out of 2^40 in its fifteen minutes is hopeless; this keeps it from being tried. */
const guesses = { max: 10, windowSeconds: 900 };

/** `POST /activate`: a code was typed, then confirmed or not. Only the browser that typed it may decide. */
export function activate(deps: LoginDeps) {
  const limit = createAttemptLimit({ clock: deps.clock, ...guesses });
  return async (request: HttpRequest): Promise<HttpReply> => {
    const { values, malformed } = request.body;
    if (malformed.size > 0) throw lostTransaction('a repeated parameter');
    const key = attemptKeyOf(request.ip);
    if (limit.isReached(key)) {
      const headers = { 'retry-after': String(limit.waitSeconds(key)) };
      throw new PageError('too_many_attempts', 'Too many wrong codes', { kind: 'busy', status: 429, headers });
    }
    const tenant = await deps.directory.read();
    const found = await findPending(deps, tenant, values.user_code);
    if (found === undefined) {
      limit.countFailure(key);
      const facts = { traceId: request.traceId, description: 'No device waits for the code that was typed' };
      deps.events.queueFailure(request, { type: 'fdeac', ...facts }, undefined);
      return askAgain(deps, tenant, request);
    }
    const { cookies, ...browser } = deps.browsers.findOrCreate(request);
    const activation: Activation = { ...found, request, tenant, browser };
    if (values.decision === undefined) return askToConfirm(deps, activation, cookies);
    if (!isSameText(values.confirmation ?? '', confirmationOf(found.code.id, browser))) {
      throw new PageError('access_denied', 'The code was not entered in this browser', {
        kind: 'refused',
        status: 403,
        step: 'state',
      });
    }
    return values.decision === 'confirm' ? signInForDevice(deps, activation) : cancel(deps, activation);
  };
}

type Found = { readonly code: DeviceCode; readonly userCode: string; readonly client: Client };
type Activation = Found & {
  readonly request: HttpRequest;
  readonly tenant: Snapshot;
  readonly browser: Browser;
};

async function findPending(
  { store, clock }: LoginDeps,
  tenant: Snapshot,
  typed: string | undefined,
): Promise<Found | undefined> {
  const userCode = readUserCode(typed);
  if (userCode === undefined) return undefined;
  const code = await store.deviceCodes.findByUserCode(hashUserCode(userCode));
  if (code === undefined || code.state !== 'pending' || code.expiresAt <= clock.now()) return undefined;
  const client = tenant.findClient(code.clientId);
  return client !== undefined && mayUseDeviceCode(client) ? { code, userCode, client } : undefined;
}

function askAgain(deps: LoginDeps, { settings }: Snapshot, request: HttpRequest): HttpReply {
  const frame = frameFor(settings, request);
  const action = `${deps.issuerUrl}activate`;
  return pageReply(400, renderEnterCode({ frame, action, userCode: undefined, isWrong: true }));
}

function askToConfirm(
  deps: LoginDeps,
  { request, tenant, browser, code, userCode, client }: Activation,
  cookies: readonly string[],
): HttpReply {
  const page = renderConfirmDevice({
    frame: frameFor(tenant.settings, request),
    action: `${deps.issuerUrl}activate`,
    client,
    userCode,
    confirmation: confirmationOf(code.id, browser),
  });
  return pageReply(200, page, cookies);
}

/** Where the form's policy ends, a page leads on: a browser holds redirects after a form against it. */
async function signInForDevice(deps: LoginDeps, activation: Activation): Promise<HttpReply> {
  const { request, tenant, browser, code } = activation;
  const asked = { parameters: activationParameters(code, browser), isPushed: true };
  const reply = await beginSignIn(deps, request, asked);
  const { location } = reply.headers;
  if (typeof location !== 'string' || location.startsWith(deps.issuerUrl)) return reply;
  const frame = frameFor(tenant.settings, request);
  const cookies = [reply.headers['set-cookie'] ?? []].flat();
  return pageReply(200, renderHandoff({ frame, href: location, name: new URL(location).host }), cookies);
}

async function cancel(deps: LoginDeps, { request, tenant, code, client }: Activation): Promise<HttpReply> {
  const denial = 'User cancelled the confirmation prompt.';
  const { traceId } = request;
  const event = deps.events.record(request, { type: 'fdecc', traceId, clientId: client.id, description: denial });
  await deps.store.writeAll([deps.store.deviceCodes.deny(code.id, denial, deps.clock.now()), event]);
  return pageReply(200, renderDeviceEnd({ frame: frameFor(tenant.settings, request), isConnected: false }));
}
