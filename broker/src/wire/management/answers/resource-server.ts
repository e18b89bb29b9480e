import { Type } from '@sinclair/typebox';
import { tokenDialects } from '../../../core/client.ts';
import { keptApiSettings } from '../resource-servers.ts';
import { count, flag, listOf, oneOf, text } from './shapes.ts';

const kept = Object.fromEntries(
  keptApiSettings.map((name) => [name, Type.Optional(Type.Unknown({ description: 'Kept and shown as it came.' }))]),
);

export const resourceServerAnswer = Type.Object(
  {
    id: text(),
    identifier: text('The audience of its tokens.'),
    name: Type.Optional(text('Not there where nobody has set it.')),
    scopes: Type.Optional(Type.Array(Type.Object({ value: text(), description: Type.Optional(text()) }))),
    signing_alg: oneOf(['RS256', 'HS256', 'PS256']),
    signing_secret: Type.Optional(text('With HS256.')),
    allow_offline_access: flag('Whether there are refresh tokens for it.'),
    token_lifetime: count('In seconds.'),
    token_lifetime_for_web: count('In seconds, for tokens that come through the browser.'),
    token_dialect: Type.Optional(oneOf(tokenDialects, 'Not there: access_token.')),
    skip_consent_for_verifiable_first_party_clients: flag(),
    is_system: flag('Whether it is the Management API.'),
    ...kept,
  },
  { $id: 'ResourceServer', description: 'An API.' },
);
export const resourceServerList = listOf('resource_servers', resourceServerAnswer);
