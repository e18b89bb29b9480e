import type { Sighting } from '../core/device.ts';
import type { ClientId, UserId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';

/* What a write is told beyond whole domain values. */

export type Consumption = { readonly at: Date; readonly successorId: string; readonly leewaySeconds: number };

/** When and where something was used. */
export type Use = { readonly at: Date; readonly seenFrom: Sighting };

/** Which of a person's codes are meant. undefined: all; `audience` null: those for no API. */
export type WaitingCodes = {
  readonly userId: UserId;
  readonly clientId?: ClientId | undefined;
  readonly sid?: string | undefined;
  readonly audience?: string | null | undefined;
};

export type MetadataChange = {
  readonly userId: UserId;
  readonly at: Date;
  readonly userMetadata: JsonObject;
  readonly appMetadata: JsonObject;
};

export type LoginRecord = {
  readonly userId: UserId;
  readonly at: Date;
  /** undefined: root attributes stay as they are. */
  readonly attributes: JsonObject | undefined;
  /** undefined: not known; the one before stays. */
  readonly ip?: string | undefined;
  /** Merged at the first level over what is there, in the statement itself. */
  readonly userMetadata: JsonObject | undefined;
  readonly appMetadata: JsonObject | undefined;
};
