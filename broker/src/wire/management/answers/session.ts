import { Type } from '@sinclair/typebox';
import { flag, orNull, pageWithCursor, pageWithTotals, text, time } from './shapes.ts';

export const sessionAnswer = Type.Object(
  {
    id: text('The sid claim of its tokens.'),
    user_id: text(),
    created_at: time(),
    updated_at: time(),
    authenticated_at: time(),
    idle_expires_at: time(),
    expires_at: time(),
    authentication: Type.Object({
      methods: Type.Array(Type.Object({ name: text(), timestamp: time() })),
    }),
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
    rotating: flag('Whether each use gives the next one.'),
    resource_servers: Type.Array(
      Type.Object({ audience: orNull(Type.String()), scopes: text('With spaces between.') }),
    ),
  },
  { $id: 'RefreshToken' },
);

export const sessionList = Type.Union([
  pageWithCursor('sessions', sessionAnswer),
  pageWithTotals('sessions', sessionAnswer),
]);
export const refreshTokenList = Type.Union([
  pageWithCursor('tokens', refreshTokenAnswer),
  pageWithTotals('tokens', refreshTokenAnswer),
]);
