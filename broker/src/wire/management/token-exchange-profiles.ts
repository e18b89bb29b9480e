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

const { name, subject_token_type: subjectTokenType } = tokenExchangeProfileWire.properties;

/** What the Management API takes for a new one. */
export const newTokenExchangeProfileWire = Type.Object(
  {
    name,
    subject_token_type: subjectTokenType,
    action_id: Type.String({ minLength: 1, maxLength: 64 }),
    type: Type.Literal('custom_authentication'),
  },
  { additionalProperties: false },
);

/** Auth0: the Action of a profile stays what it was. */
export const tokenExchangeProfileChangesWire = Type.Object(
  { name: Type.Optional(name), subject_token_type: Type.Optional(subjectTokenType) },
  { additionalProperties: false },
);

export const tokenExchangeProfileToWire = (profile: TokenExchangeProfile) => ({
  id: profile.id,
  name: profile.name,
  subject_token_type: profile.subjectTokenType,
  action_id: profile.actionId,
  type: 'custom_authentication',
  created_at: profile.createdAt.toISOString(),
  updated_at: profile.updatedAt.toISOString(),
});
