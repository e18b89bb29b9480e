import type { ConnectionId } from '../../core/ids.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import { configuration, isFound } from '../outcomes.ts';
import type { Write } from '../store.ts';

/**
 * A connection goes with everything that came in through it: people who have no other identity, and the sessions,
 * codes and refresh tokens of those who have. Identities and enablements go by their foreign keys.
 */
export function compileConnectionRemoval({ compile, dialect }: RepositoryDeps): (id: ConnectionId) => Write<boolean> {
  // A sign-in that is adding an identity right now is waited for, and one that comes later finds the connection gone.
  const lock = compile('connections_delete_lock', (db, $: Values<{ id: string }>) =>
    db
      .selectFrom('connections')
      .select('id')
      .where('id', '=', $.id)
      .$if(dialect.name === 'postgres', (query) => query.forUpdate()),
  );
  const deleteUsers = compile('connections_delete_users', (db, $: Values<{ id: string }>) =>
    db
      .deleteFrom('users')
      .where('id', 'in', (row) => row.selectFrom('identities').select('user_id').where('connection_id', '=', $.id))
      .where('id', 'not in', (row) =>
        row
          .selectFrom('identities as own')
          .innerJoin('identities as other', 'other.user_id', 'own.user_id')
          .select('other.user_id')
          .where('own.connection_id', '=', $.id)
          .where('other.connection_id', '<>', $.id),
      ),
  );
  const deleteSessions = compile('connections_delete_sessions', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('sessions').where('connection_id', '=', $.id),
  );
  const deleteCodes = compile('connections_delete_codes', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('codes').where('connection_id', '=', $.id),
  );
  const deleteRefreshTokens = compile('connections_delete_refresh_tokens', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('refresh_tokens').where('connection_id', '=', $.id),
  );
  const remove = compile('connections_delete', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('connections').where('id', '=', $.id).returning('id'),
  );

  return (id) =>
    remove.write({ id }, isFound, {
      ...configuration,
      before: [lock, deleteUsers, deleteSessions, deleteCodes, deleteRefreshTokens].map((query) =>
        query.command({ id }),
      ),
    });
}
