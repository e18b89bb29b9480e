import { Type } from '@sinclair/typebox';
import { arrayOf, flag, open, orNull, orPart, pageWithCursor, pageWithTotals, text, time } from './shapes.ts';

const device = Type.Object(
  {
    initial_ip: Type.Optional(text()),
    initial_user_agent: Type.Optional(text()),
    last_ip: Type.Optional(text()),
    last_user_agent: Type.Optional(text()),
  },
  { description: 'Where it was begun and where it was last used; what the requests did not say is not there.' },
);

export const sessionAnswer = Type.Object(
  {
    id: text('The sid claim of its tokens.'),
    user_id: text(),
    created_at: time(),
    updated_at: time(),
    authenticated_at: time('When the person was last at a provider.'),
    last_interacted_at: time('Moves at most once a minute.'),
    idle_expires_at: time(),
    expires_at: time(),
    device,
    clients: Type.Array(Type.Object({ client_id: text() }), {
      description: 'The applications that it has signed in to.',
    }),
    authentication: Type.Object({
      methods: Type.Array(Type.Object({ name: text(), timestamp: time() })),
    }),
    cookie: Type.Object({ mode: text() }),
    session_metadata: open('Texts that administrators keep with it.'),
  },
  { $id: 'Session', description: 'A browser that is signed in.' },
);

export const refreshTokenAnswer = Type.Object(
  {
    id: text('Not the token, which is nowhere shown.'),
    user_id: text(),
    client_id: text(),
    session_id: orNull(Type.String()),
    created_at: time(),
    expires_at: orNull(time(), 'null: never.'),
    idle_expires_at: orNull(time(), 'null: never.'),
    last_exchanged_at: orNull(time(), 'Of one that rotates: of its predecessors, too. null: never.'),
    rotating: flag('Whether each use gives the next one.'),
    resource_servers: Type.Array(
      Type.Object({
        audience: Type.Optional(text('Not there: no API, what /userinfo tells.')),
        scopes: text('With spaces between.'),
      }),
    ),
    device,
    refresh_token_metadata: open('Texts that administrators keep with it; the next one has them, too.'),
  },
  { $id: 'RefreshToken' },
);

const deviceCredential = Type.Object(
  {
    id: text('That of the refresh token.'),
    device_name: text('The user agent that asked for it.'),
    type: text('refresh_token or rotating_refresh_token.'),
    user_id: text(),
    client_id: text(),
  },
  { $id: 'DeviceCredential', description: 'A refresh token, as a device that somebody has signed in on.' },
);

export const sessionList = Type.Union([
  pageWithCursor('sessions', sessionAnswer),
  pageWithTotals('sessions', sessionAnswer),
]);
export const refreshTokenList = Type.Union([
  pageWithCursor('tokens', refreshTokenAnswer),
  pageWithTotals('tokens', refreshTokenAnswer),
]);
export const refreshTokenPage = pageWithCursor('refresh_tokens', orPart(refreshTokenAnswer));
export const deviceCredentialList = Type.Union([
  arrayOf(orPart(deviceCredential)),
  pageWithTotals('device_credentials', orPart(deviceCredential)),
]);
