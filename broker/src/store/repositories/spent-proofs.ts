import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { isFound, shortLived } from '../outcomes.ts';
import type { Store } from '../store.ts';

export function createSpentProofs({ compile }: RepositoryDeps): Store['spentProofs'] {
  /** One use: of any number of parallel requests, at any number of brokers, one inserts the row. */
  const spend = compile('spent_proofs_spend', (db, $: Values<Database['spent_proofs']>) =>
    db
      .insertInto('spent_proofs')
      .values({ proof_hash: $.proof_hash, expires_at: $.expires_at })
      .onConflict((conflict) => conflict.doNothing())
      .returning('proof_hash'),
  );

  return {
    spend: (proofHash, expiresAt) =>
      spend.write({ proof_hash: proofHash, expires_at: expiresAt.getTime() }, isFound, shortLived),
  };
}
