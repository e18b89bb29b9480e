import { Type } from '@sinclair/typebox';
import { count, flag, oneOf, text, time } from './shapes.ts';

const maybe = Type.Optional;

export const jobAnswer = Type.Object(
  {
    id: text(),
    type: oneOf(['users_export', 'users_import']),
    status: oneOf(['pending', 'processing', 'completed', 'failed']),
    created_at: time(),
    connection_id: maybe(text()),
    connection: maybe(text('Its name.')),
    format: maybe(oneOf(['json', 'csv'])),
    limit: maybe(count('How many users an export has at most.')),
    fields: maybe(Type.Array(Type.Object({ name: text(), export_as: maybe(text()) }))),
    upsert: maybe(flag('Whether users who are there are changed.')),
    external_id: maybe(text('As the import was given it.')),
    percentage_done: maybe(count()),
    summary: maybe(Type.Object({ failed: count(), updated: count(), inserted: count(), total: count() })),
    location: maybe(text('Where the file of an export is for the next ten minutes, once it is done.')),
    status_details: maybe(text('Why it failed.')),
  },
  { $id: 'Job' },
);

export const jobErrors = Type.Array(
  Type.Object(
    {
      user: Type.Object({ user_id: maybe(text()), email: maybe(text()) }),
      errors: Type.Array(Type.Object({ code: text(), message: text(), path: text() })),
    },
    { $id: 'ImportError' },
  ),
  { description: 'One for each user who was not taken.' },
);
