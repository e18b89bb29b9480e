import { Type } from '@sinclair/typebox';
import { listOf, oneOf, text, texts } from './shapes.ts';

export const clientGrantAnswer = Type.Object(
  {
    id: text(),
    client_id: text(),
    audience: text('The identifier of the API.'),
    scope: texts(),
    subject_type: oneOf(['client']),
  },
  { $id: 'ClientGrant' },
);
export const clientGrantList = listOf('client_grants', clientGrantAnswer);
