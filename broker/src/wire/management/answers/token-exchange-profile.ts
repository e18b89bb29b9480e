import { Type } from '@sinclair/typebox';
import { oneOf, pageWithCursor, text, time } from './shapes.ts';

export const tokenExchangeProfileAnswer = Type.Object(
  {
    id: text(),
    name: text(),
    subject_token_type: text(),
    action_id: text('The Action that decides.'),
    type: oneOf(['custom_authentication']),
    created_at: time(),
    updated_at: time(),
  },
  { $id: 'TokenExchangeProfile' },
);
export const tokenExchangeProfileList = pageWithCursor('token_exchange_profiles', tokenExchangeProfileAnswer);
