import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { isFound, nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Database['revoked_grants'];

export function createGrants({ compile }: RepositoryDeps): Store['grants'] {
  const revoke = compile('grants_revoke', (db, $: Values<Row>) =>
    db
      .insertInto('revoked_grants')
      .values({
        grant_id: $.grant_id,
        user_id: $.user_id,
        client_id: $.client_id,
        issued_from: $.issued_from,
        revoked_at: $.revoked_at,
        expires_at: $.expires_at,
      })
      .onConflict((conflict) => conflict.doNothing()),
  );
  const isRevoked = compile('grants_is_revoked', (db, $: Values<{ grant_id: string }>) =>
    db.selectFrom('revoked_grants').select('grant_id').where('grant_id', '=', $.grant_id),
  );
  const isIssueRevoked = compile(
    'grants_is_issue_revoked',
    (db, $: Values<{ user_id: string; client_id: string; issued_at: number; issued_until: number }>) =>
      db
        .selectFrom('revoked_grants')
        .select('grant_id')
        .where('user_id', '=', $.user_id)
        .where('client_id', '=', $.client_id)
        .where('issued_from', '<', $.issued_until)
        .where('revoked_at', '>=', $.issued_at),
  );

  return {
    revoke: (revoked) =>
      revoke.write(
        {
          grant_id: revoked.grantId,
          user_id: revoked.userId,
          client_id: revoked.clientId,
          issued_from: revoked.issuedFrom.getTime(),
          revoked_at: revoked.revokedAt.getTime(),
          expires_at: revoked.expiresAt.getTime(),
        },
        nothing,
      ),
    isRevoked: async (grantId) => isFound(await isRevoked.rows({ grant_id: grantId })),
    async isIssueRevoked(userId, clientId, issuedAt) {
      const rows = await isIssueRevoked.rows({
        user_id: userId,
        client_id: clientId,
        issued_at: issuedAt.getTime(),
        // `iat` has whole seconds: a token of the grant's first second says that it is older than the grant.
        issued_until: issuedAt.getTime() + 1000,
      });
      return isFound(rows);
    },
  };
}
