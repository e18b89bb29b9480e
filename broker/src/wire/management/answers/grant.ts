import { Type } from '@sinclair/typebox';
import { arrayOf, pageWithTotals, text, texts } from './shapes.ts';

export const grantAnswer = Type.Object(
  {
    id: text(),
    clientID: text(),
    user_id: text(),
    audience: Type.Optional(text('Not there: no API, what /userinfo tells.')),
    scope: texts(),
  },
  { $id: 'UserGrant', description: 'What a person has allowed an application.' },
);
export const grantList = Type.Union([arrayOf(grantAnswer), pageWithTotals('grants', grantAnswer)]);
