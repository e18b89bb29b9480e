import { createHash } from 'node:crypto';
import type { SeedWire } from '../../src/wire/seed.ts';
import { callback, machineSecret, spaCallback, webSecret } from '../support/world.ts';
import { clientKeys } from './proofs.ts';

/*
 * The applications that both servers know, and what they send when nothing is wrong.
 */

/** `keyed` signs assertions, `tv` is a device without a browser. */
export type ClientName = 'web' | 'spa' | 'machine' | 'keyed' | 'tv';

export const callbacksOf: Readonly<Record<ClientName, readonly string[]>> = {
  web: [callback, 'https://app.example.com/other'],
  spa: [spaCallback],
  machine: [],
  keyed: ['https://keyed.example.com/callback'],
  tv: [],
};

export const secretsOf: Readonly<Record<ClientName, string | undefined>> = {
  web: webSecret,
  spa: undefined,
  machine: machineSecret,
  keyed: undefined,
  tv: undefined,
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

/** The clients that the seed of all tests does not have. */
export function addClients(seed: Required<SeedWire>): void {
  const [web] = seed.clients;
  if (web === undefined) throw new Error('the seed has it');
  const { client_secret: _, ...withoutSecret } = web;
  const pem = clientKeys.publicKey.export({ format: 'pem', type: 'spki' }) as string;
  seed.clients.push(
    {
      ...withoutSecret,
      client_id: 'keyed',
      callbacks: [...callbacksOf.keyed],
      client_authentication_methods: {
        private_key_jwt: { credentials: [{ credential_type: 'public_key', pem }] },
      },
    },
    {
      client_id: 'tv',
      name: 'Television',
      app_type: 'native',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring' },
    },
  );
  for (const { enabled_clients: enabled } of seed.connections) enabled?.push('keyed', 'tv');
}
