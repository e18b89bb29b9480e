import type { CustomClaims } from './action.ts';
import type { Client } from './client.ts';
import { hashHandle } from './hash.ts';
import type { ClientId, HandleHash } from './ids.ts';
import type { Random } from './random.ts';
import type { Authorization } from './session.ts';

/** What a person allowed on another device. */
export type DeviceGrant = Authorization & {
  /** undefined: no script added one. */
  readonly claims: CustomClaims | undefined;
};

/** RFC 8628: a device's request, from `/oauth/device/code` until the device has been told how it ended. */
export type DeviceCode = {
  /** Names it in the browser's part of the flow; opens nothing. */
  readonly id: string;
  readonly deviceHash: HandleHash;
  readonly userCodeHash: HandleHash;
  readonly clientId: ClientId;
  /** As the device sent them. */
  readonly scope: string | undefined;
  readonly audience: string | undefined;
  readonly state: 'pending' | 'allowed' | 'denied';
  readonly granted: DeviceGrant | undefined;
  /** What the device is told about a denial. */
  readonly denial: string | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date;
};

/** What is easily read out and typed: no I, O, 0 or 1. 32 signs, so eight of them are 40 bits. */
const userCodeSigns = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const userCodeLength = 8;

/** Eight signs, `QTZL-MCBW`. */
export function createUserCode(random: Random): string {
  const bytes = Buffer.from(random.token(''), 'base64url').subarray(0, userCodeLength);
  // 256 = 8 × 32: every sign is equally likely.
  return showUserCode([...bytes].map((byte) => userCodeSigns[byte % userCodeSigns.length]).join(''));
}

const showUserCode = (signs: string): string => `${signs.slice(0, 4)}-${signs.slice(4)}`;

/** As it is shown, however it was typed; undefined: nobody was ever given such a code. */
export function readUserCode(typed: string | undefined): string | undefined {
  const signs = (typed ?? '').toUpperCase().replace(/[\s\p{Pd}]/gu, '');
  const isPossible = signs.length === userCodeLength && [...signs].every((sign) => userCodeSigns.includes(sign));
  return isPossible ? showUserCode(signs) : undefined;
}

/** Its own kind of hash: a user code is never taken for another handle. */
export const hashUserCode = (userCode: string): HandleHash => hashHandle(`user code ${userCode}`) as HandleHash;

export const deviceGrantType = 'urn:ietf:params:oauth:grant-type:device_code';

/** Auth0: a native application without a secret, with the grant enabled. */
export const mayUseDeviceCode = ({ appType, authMethod, grantTypes }: Client): boolean =>
  appType === 'native' && authMethod === 'none' && grantTypes.includes(deviceGrantType);
