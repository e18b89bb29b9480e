import { hash } from 'node:crypto';
import type { Client } from '../../core/client.ts';
import { type DeviceCode, mayUseDeviceCode } from '../../core/device-code.ts';
import type { Parameters } from '../../http/parameters.ts';
import { type Browser, deriveActivation, deriveVerifier } from '../browsers.ts';

/*
 * A device's sign-in takes the same road as any other. Its redirect URI is a name that stands for our own
 * /activate/callback: nobody can ask for it at /authorize, and no code that was made for it can be redeemed elsewhere.
 */

export const activationUri = 'urn:portico:activation';

type Values = Readonly<Record<string, string>>;

export const isActivation = (parameters: Values): boolean => parameters.redirect_uri === activationUri;

/** Whether the redirect URI of this client may be that name; who asked has been checked where the sign-in began. */
export const mayActivate = (client: Client, redirectUri: string): boolean =>
  redirectUri === activationUri && mayUseDeviceCode(client);

/** What the device asked for, as an /authorize request of its client. */
export function activationParameters(code: DeviceCode, browser: Browser): Parameters {
  const state = stateOf(code.id, browser);
  const values: Record<string, string> = {
    client_id: code.clientId,
    response_type: 'code',
    redirect_uri: activationUri,
    state,
    code_challenge: hash('sha256', deriveVerifier(browser, state), 'base64url'),
    code_challenge_method: 'S256',
    ...(code.scope === undefined ? {} : { scope: code.scope }),
    ...(code.audience === undefined ? {} : { audience: code.audience }),
  };
  return { values, malformed: new Set() };
}

/** What scripts see of it: the device's own parameters. */
export const withoutActivation = (parameters: Values): Values =>
  isActivation(parameters)
    ? Object.fromEntries(Object.entries(parameters).filter(([name]) => !ownParameters.has(name)))
    : parameters;

const ownParameters: ReadonlySet<string> = new Set([
  'response_type',
  'redirect_uri',
  'state',
  'code_challenge',
  'code_challenge_method',
]);

/** Names the device code and proves the browser in which its person has confirmed it. */
const stateOf = (id: string, browser: Browser): string => `${id}.${deriveActivation(browser, `state ${id}`)}`;

/** The id in a state; undefined: it was not made in this browser. */
export function readState(state: string | undefined, browser: Browser | undefined): string | undefined {
  const [id = ''] = state?.split('.', 1) ?? [];
  return browser !== undefined && state === stateOf(id, browser) ? id : undefined;
}

/** What the confirmation page carries: another browser, or another site's form, does not have it (DN-31). */
export const confirmationOf = (id: string, browser: Browser): string => deriveActivation(browser, `confirm ${id}`);
