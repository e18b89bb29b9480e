import type { ClientId, UserId } from '../../core/ids.ts';
import type { LogoutNotice } from '../../core/session.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { isFound, nothing, shortLived } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Taking = Database['session_clients'];
type Notice = Pick<Database['logout_notices'], 'sid' | 'client_id'>;

export function createLogoutNotices({ compile, dialect }: RepositoryDeps): Store['logoutNotices'] {
  const takePart = compile('session_clients_add', (db, $: Values<Taking>) =>
    db
      .insertInto('session_clients')
      .values({ sid: $.sid, client_id: $.client_id, expires_at: $.expires_at })
      .onConflict((conflict) => conflict.columns(['sid', 'client_id']).doUpdateSet({ expires_at: $.expires_at })),
  );
  const owe = compile('logout_notices_create', (db, $: Values<{ sid: string; user_id: string; at: number }>) =>
    db
      .insertInto('logout_notices')
      .columns(['sid', 'client_id', 'user_id', 'attempts', 'due_at'])
      .expression((row) =>
        row
          .selectFrom('session_clients')
          .select((part) => [
            'sid',
            'client_id',
            $.user_id.as('user_id'),
            part.lit(0).as('attempts'),
            $.at.as('due_at'),
          ])
          .where('sid', '=', $.sid),
      )
      .onConflict((conflict) => conflict.doNothing())
      .returning('client_id'),
  );
  const forget = compile('session_clients_delete', (db, $: Values<{ sid: string }>) =>
    db.deleteFrom('session_clients').where('sid', '=', $.sid),
  );
  const claim = compile('logout_notices_claim', (db, $: Values<{ now: number; until: number; limit: number }>) =>
    db
      .updateTable('logout_notices')
      .set((row) => ({ attempts: row('attempts', '+', 1), due_at: $.until }))
      .where((row) =>
        row(
          row.refTuple('sid', 'client_id'),
          'in',
          row
            .selectFrom('logout_notices')
            .select(['sid', 'client_id'])
            .where('due_at', '<=', $.now)
            .orderBy('due_at')
            .limit($.limit)
            .$if(dialect.name === 'postgres', (query) => query.forUpdate().skipLocked())
            .$asTuple('sid', 'client_id'),
        ),
      )
      .returningAll(),
  );
  const postpone = compile('logout_notices_postpone', (db, $: Values<Notice & { due_at: number }>) =>
    db
      .updateTable('logout_notices')
      .set({ due_at: $.due_at })
      .where('sid', '=', $.sid)
      .where('client_id', '=', $.client_id),
  );
  const settle = compile('logout_notices_delete', (db, $: Values<Notice>) =>
    db.deleteFrom('logout_notices').where('sid', '=', $.sid).where('client_id', '=', $.client_id),
  );
  const keyOf = ({ sid, clientId }: Pick<LogoutNotice, 'sid' | 'clientId'>) => ({ sid, client_id: clientId });

  return {
    takePart: (sid, clientId, expiresAt) =>
      takePart.write({ sid, client_id: clientId, expires_at: expiresAt.getTime() }, nothing, shortLived),
    owe: ({ sid, userId, at }) =>
      owe.write({ sid, user_id: userId, at: at.getTime() }, isFound, { after: [forget.command({ sid })] }),
    claim: ({ now, until, limit }) =>
      claim.write({ now: now.getTime(), until: until.getTime(), limit }, (rows) =>
        rows.map((row) => ({
          sid: row.sid,
          clientId: row.client_id as ClientId,
          userId: row.user_id as UserId,
          attempts: row.attempts,
        })),
      ),
    postpone: (notice, dueAt) => postpone.write({ ...keyOf(notice), due_at: dueAt.getTime() }, nothing),
    settle: (notice) => settle.write(keyOf(notice), nothing),
  };
}
