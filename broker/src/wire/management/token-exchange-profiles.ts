import { type Static, Type } from '@sinclair/typebox';
import type { ActionId } from '../../core/ids.ts';
import type { TokenExchangeProfile } from '../../core/token-exchange.ts';

/** A custom token exchange profile as Auth0's Management API writes it; the seed names the Action, since it has no id yet. */
export const tokenExchangeProfileWire = Type.Object({
  name: Type.String({ minLength: 3, maxLength: 50 }),
  subject_token_type: Type.String({ minLength: 8, maxLength: 100 }),
  action_name: Type.String({ minLength: 1, maxLength: 255 }),
  type: Type.Optional(Type.Literal('custom_authentication')),
});
export type TokenExchangeProfileWire = Static<typeof tokenExchangeProfileWire>;

type FromWire = { readonly id: string; readonly actionId: ActionId; readonly now: Date };

export const tokenExchangeProfileFromWire = (
  { name, subject_token_type: subjectTokenType }: TokenExchangeProfileWire,
  { id, actionId, now }: FromWire,
): TokenExchangeProfile => ({ id, name, subjectTokenType, actionId, createdAt: now, updatedAt: now });
