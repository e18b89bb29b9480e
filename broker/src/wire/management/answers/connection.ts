import { Type } from '@sinclair/typebox';
import { connectionWarningCodes } from '../../../core/connection-warnings.ts';
import { connectionOptionsWire } from '../connection-options.ts';
import { count, flag, listOf, oneOf, open, orPart, pageWithCursor, text, texts, time } from './shapes.ts';

export const connectionAnswer = Type.Object(
  {
    id: text(),
    name: text('What applications call it, and a part of the ids of its users.'),
    strategy: text('oauth2 for all that Portico serves.'),
    display_name: Type.Optional(text('Not there where nobody has set it.')),
    options: Type.Optional(connectionOptionsWire),
    enabled_clients: Type.Optional(
      texts('Applications whose people may sign in here; not there if the tenant hides them.'),
    ),
    is_domain_connection: flag(),
    show_as_button: Type.Optional(flag()),
    realms: texts(),
    authentication: Type.Object({ active: flag('Whether anybody can sign in here.') }),
    connected_accounts: Type.Object({ active: flag(), cross_app_access: Type.Optional(flag()) }),
    cross_app_access_requesting_app: Type.Optional(Type.Object({ active: flag() })),
    cross_app_access_resource_app: Type.Optional(Type.Object({ status: oneOf(['enabled', 'disabled']) })),
    metadata: Type.Optional(open('Up to ten texts by name.')),
  },
  { $id: 'Connection' },
);

const orSome = orPart(connectionAnswer, ['id']);
export const connectionOrPart = orSome;
export const connectionList = listOf('connections', orSome);
export const clientConnections = pageWithCursor('connections', orSome);

export const connectionDeleted = Type.Object({ deleted_at: time() }, { $id: 'ConnectionDeleted' });

export const connectionClients = pageWithCursor(
  'clients',
  Type.Object({ client_id: text('An application whose people may sign in.') }, { $id: 'ConnectionClient' }),
);

export const connectionWarnings = Type.Object({
  warnings: Type.Array(
    Type.Object(
      {
        code: oneOf(connectionWarningCodes),
        connection: text('Its name.'),
        message: text('For people.'),
      },
      { $id: 'ConnectionWarning' },
    ),
  ),
});

export const connectionVersions = Type.Object({
  versions: Type.Array(
    Type.Object(
      {
        number: count('From 1.'),
        at: time(),
        actor: text('Who changed it: the subject of the access token, or portico.'),
        changes: open('By dotted path what it was and is ({from, to}); of what may be secret only that it changed.'),
      },
      { $id: 'ConnectionVersion' },
    ),
  ),
});
