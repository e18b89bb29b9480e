import type { ActionId } from './ids.ts';

/** A custom token exchange: which Action decides about subject tokens of a type. */
export type TokenExchangeProfile = {
  readonly id: string;
  readonly name: string;
  readonly subjectTokenType: string;
  readonly actionId: ActionId;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};
