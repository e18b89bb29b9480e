import type { ClientId, UserId } from './ids.ts';

/** What a person has allowed an application to do in their name; kept until they, or an administrator, take it back. */
export type UserGrant = {
  readonly id: string;
  readonly userId: UserId;
  readonly clientId: ClientId;
  /** undefined: no API, the person's own data only. */
  readonly audience: string | undefined;
  readonly scopes: readonly string[];
  readonly allowedAt: Date;
};
