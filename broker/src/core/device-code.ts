import type { CustomClaims } from './action.ts';
import type { ClientId, HandleHash } from './ids.ts';
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
