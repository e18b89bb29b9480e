import { createHash } from 'node:crypto';
import { callback, machineSecret, spaCallback, webSecret } from '../support/world.ts';

/*
 * The applications that both servers know, and what they send when nothing is wrong.
 */

export type ClientName = 'web' | 'spa' | 'machine';

export const callbacksOf: Readonly<Record<ClientName, readonly string[]>> = {
  web: [callback, 'https://app.example.com/other'],
  spa: [spaCallback],
  machine: [],
};

export const secretsOf: Readonly<Record<ClientName, string | undefined>> = {
  web: webSecret,
  spa: undefined,
  machine: machineSecret,
};

/** The one scope that the machine was granted, and that a person's request gets nothing from. */
export const machineGrant = 'read:shows';
/** What either server may grant; anything else is unknown to both. */
export const knownScopes: ReadonlySet<string> = new Set([
  'openid',
  'profile',
  'email',
  'user_metadata',
  'offline_access',
]);

export const verifier = 'a-verifier-of-forty-three-characters-or-more-0';
export const challenge = createHash('sha256').update(verifier).digest('base64url');

export const basic = (id: string, secret: string | undefined): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret ?? '')}`).toString('base64')}`;
