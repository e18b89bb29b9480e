import type { ExpressionBuilder } from 'kysely';
import { sql } from 'kysely';
import type { JsonObject } from '../../core/json.ts';
import type { User } from '../../core/user.ts';
import { toFlag, toJson, toMergedJson, toOptionalMergedJson, toStorable } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { checkFound, getOnly, isFound } from '../outcomes.ts';
import { findUsers } from '../search/find-users.ts';
import type { Store } from '../store.ts';
import { fold, keysOf, type UserKeys } from '../user-keys.ts';
import { fromUserRow, keySlots, type StoredUser, toUserRow, type UserRow, userColumns } from './user-rows.ts';

type LoginValues = {
  id: string;
  at: number;
  ip: string | null;
  user_metadata: string | null;
  app_metadata: string | null;
};

type ChangingLoginValues = LoginValues & UserKeys & { attributes: string };

/** What a row has to be still. */
type Before = { before_at: number; before_logins: number };

type MetadataValues = {
  id: string;
  at: number;
  user_patch: string;
  user_removals: string;
  app_patch: string;
  app_removals: string;
};

/** Of tokens without an end: a year, Auth0's longest lifetime. */
const orphansStayMs = 31_557_600_000;

export function createUsers({ compile, dialect, ask }: RepositoryDeps): Store['users'] {
  const loginColumns = createLoginColumns(dialect);
  const find = compile('users_find', (db, $: Values<{ id: string }>) =>
    db.selectFrom('users').select(userColumns).where('id', '=', $.id),
  );
  // No join: SQLite would prepare one again whenever it is run.
  const findByIdentity = compile(
    'users_find_by_identity',
    (db, $: Values<{ connection_id: string; upstream_user_id: string }>) =>
      db
        .selectFrom('users')
        .select(userColumns)
        .where('id', '=', (row) =>
          row
            .selectFrom('identities')
            .select('user_id')
            .where('connection_id', '=', $.connection_id)
            .where('upstream_user_id', '=', $.upstream_user_id),
        ),
  );
  const create = compile('users_create', (db, $: Values<StoredUser>) =>
    db
      .insertInto('users')
      .values({
        id: $.id,
        attributes: $.attributes,
        user_metadata: $.user_metadata,
        app_metadata: $.app_metadata,
        is_blocked: $.is_blocked,
        logins_count: $.logins_count,
        last_login_at: $.last_login_at,
        created_at: $.created_at,
        updated_at: $.updated_at,
        last_ip: $.last_ip,
        last_login_order: $.last_login_order,
        ...keySlots($),
      })
      .returning(userColumns),
  );
  const recordLogin = compile('users_record_login', (db, $: Values<LoginValues>) =>
    db
      .updateTable('users')
      .set((row) => loginColumns(row, $))
      .where('id', '=', $.id)
      .returning(userColumns),
  );
  // Apart from the one above, which leaves the indexes over attributes alone.
  const recordChangingLogin = compile('users_record_changing_login', (db, $: Values<ChangingLoginValues>) =>
    db
      .updateTable('users')
      .set((row) => ({ ...loginColumns(row, $), attributes: $.attributes, ...keySlots($) }))
      .where('id', '=', $.id)
      .returning(userColumns),
  );
  const changeMetadata = compile('users_change_metadata', (db, $: Values<MetadataValues>) =>
    db
      .updateTable('users')
      .set((row) => ({
        user_metadata: dialect.removeKeys(dialect.mergeJson(row.ref('user_metadata'), $.user_patch), $.user_removals),
        app_metadata: dialect.removeKeys(dialect.mergeJson(row.ref('app_metadata'), $.app_patch), $.app_removals),
        updated_at: $.at,
      }))
      .where('id', '=', $.id)
      .returning(userColumns),
  );
  const setBlocked = compile('users_set_blocked', (db, $: Values<{ id: string; is_blocked: number; at: number }>) =>
    db.updateTable('users').set({ is_blocked: $.is_blocked, updated_at: $.at }).where('id', '=', $.id).returning('id'),
  );
  const remove = compile('users_delete', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('users').where('id', '=', $.id).returning('id'),
  );
  const rememberTokens = compile('users_remember_tokens', (db, $: Values<{ id: string }>) =>
    db
      .insertInto('orphaned_refresh_tokens')
      .columns(['token_hash', 'client_id', 'expires_at'])
      .expression((row) =>
        row
          .selectFrom('refresh_tokens')
          .select((token) => [
            'token_hash',
            'client_id',
            token.fn
              .coalesce('idle_expires_at', 'expires_at', sql<number>`created_at + ${sql.lit(orphansStayMs)}`)
              .as('expires_at'),
          ])
          .where('user_id', '=', $.id)
          .where('consumed_at', 'is', null),
      ),
  );
  const list = compile('users_list', (db, $: Values<{ ids: string }>) =>
    db
      .selectFrom('users')
      .select(userColumns)
      .where('id', 'in', sql<string>`(select value from ${dialect.eachText($.ids)} as wanted)`),
  );
  const listAfter = compile('users_list_after', (db, $: Values<{ after: string; limit: number }>) =>
    db.selectFrom('users').select(userColumns).where('id', '>', $.after).orderBy('id').limit($.limit),
  );
  const countActive = compile('users_count_active', (db, $: Values<{ since: number }>) =>
    db
      .selectFrom('users')
      .select((row) => row.fn.countAll<number>().as('count'))
      .where('last_login_order', '>=', $.since),
  );
  const listByEmail = compile('users_list_by_email', (db, $: Values<{ email_key: string }>) =>
    db.selectFrom('users').select(userColumns).where('email_key', '=', $.email_key).orderBy('id').limit(100),
  );
  const update = compile('users_update', (db, $: Values<StoredUser & Before>) =>
    db
      .updateTable('users')
      .set({
        attributes: $.attributes,
        user_metadata: $.user_metadata,
        app_metadata: $.app_metadata,
        is_blocked: $.is_blocked,
        updated_at: $.updated_at,
        ...keySlots($),
      })
      .where('id', '=', $.id)
      .where('updated_at', '=', $.before_at)
      .where('logins_count', '=', $.before_logins)
      .returning('id'),
  );
  const count = compile('users_count', (db, _: Values<object>) =>
    db.selectFrom('users').select((row) => row.fn.countAll<number>().as('count')),
  );

  return {
    async find(id) {
      const row = await find.first({ id });
      return row && fromUserRow(row);
    },
    async findByIdentity(connectionId, upstreamUserId) {
      const row = await findByIdentity.first({
        connection_id: connectionId,
        upstream_user_id: upstreamUserId,
      });
      return row && fromUserRow(row);
    },
    create: (user) => create.write(toUserRow(user), getOnlyUser),
    recordLogin(login) {
      const values = {
        id: login.userId,
        at: login.at.getTime(),
        ip: login.ip ?? null,
        user_metadata: toOptionalMergedJson(login.userMetadata),
        app_metadata: toOptionalMergedJson(login.appMetadata),
      };
      if (login.attributes === undefined) return recordLogin.write(values, getOnlyUser, { mayConflict: true });
      const changing = { ...values, attributes: toJson(login.attributes), ...keysOf(login.attributes) };
      return recordChangingLogin.write(changing, getOnlyUser, { mayConflict: true });
    },
    changeMetadata: ({ userId, at, userMetadata, appMetadata }) => {
      const user = toPatch(userMetadata);
      const app = toPatch(appMetadata);
      return changeMetadata.write(
        {
          id: userId,
          at: at.getTime(),
          user_patch: user.patch,
          user_removals: user.removals,
          app_patch: app.patch,
          app_removals: app.removals,
        },
        getOnlyUser,
        { mayConflict: true },
      );
    },
    setBlocked: (id, isBlocked, at) =>
      setBlocked.write({ id, is_blocked: toFlag(isBlocked), at: at.getTime() }, isFound),
    delete: (id) => remove.write({ id }, isFound, { before: [rememberTokens.command({ id })] }),
    async list(ids) {
      const rows = await list.rows({ ids: toJson(ids) });
      const users = new Map(rows.map((row) => [row.id, fromUserRow(row)]));
      return ids.flatMap((id) => users.get(id) ?? []);
    },
    listAfter: async (after, limit) => (await listAfter.rows({ after: after ?? '', limit })).map(fromUserRow),
    countActive: async (since) => (await countActive.first({ since: since.getTime() }))?.count ?? 0,
    search: (search) => findUsers({ ask, dialect }, search),
    async listByEmail(email) {
      const users = (await listByEmail.rows({ email_key: fold(email) })).map(fromUserRow);
      return users.filter(({ attributes }) => attributes.email === email);
    },
    update: (user, before) =>
      update.write(
        { ...toUserRow(user), before_at: before.updatedAt.getTime(), before_logins: before.loginsCount },
        checkFound,
        { mayConflict: true },
      ),
    count: async () => (await count.first({}))?.count ?? 0,
  };
}

type Setting = ExpressionBuilder<Database, 'users'>;

/** Written at every login. */
const createLoginColumns = (dialect: RepositoryDeps['dialect']) => (row: Setting, $: Values<LoginValues>) => ({
  user_metadata: dialect.mergeJson(row.ref('user_metadata'), $.user_metadata),
  app_metadata: dialect.mergeJson(row.ref('app_metadata'), $.app_metadata),
  logins_count: row('logins_count', '+', sql.lit(1)),
  last_login_at: $.at,
  last_login_order: $.at,
  last_ip: row.fn.coalesce($.ip, 'last_ip'),
  updated_at: $.at,
});

/** What is set, and the keys that go. */
function toPatch(change: JsonObject): { readonly patch: string; readonly removals: string } {
  const entries = Object.entries(change);
  const removals = entries.filter(([, value]) => value === null).map(([key]) => toStorable(key));
  const patch = Object.fromEntries(entries.filter(([, value]) => value !== null));
  return { patch: toMergedJson(patch), removals: toJson(removals) };
}

const getOnlyUser = (rows: readonly UserRow[]): User => fromUserRow(getOnly(rows));
