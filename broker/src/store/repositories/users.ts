import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { UserId } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import type { User } from '../../core/user.ts';
import {
  fromJson,
  fromTime,
  toFlag,
  toJson,
  toMergedJson,
  toOptionalMergedJson,
  toStorable,
  toTime,
} from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { getOnly, isFound } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['users']>;

type LoginValues = {
  id: string;
  at: number;
  attributes: string | null;
  user_metadata: string | null;
  app_metadata: string | null;
};

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

export function createUsers({ compile, dialect }: RepositoryDeps): Store['users'] {
  const find = compile('users_find', (db, $: Values<{ id: string }>) =>
    db.selectFrom('users').selectAll().where('id', '=', $.id),
  );
  const findByIdentity = compile(
    'users_find_by_identity',
    (db, $: Values<{ connection_id: string; upstream_user_id: string }>) =>
      db
        .selectFrom('identities')
        .innerJoin('users', 'users.id', 'identities.user_id')
        .selectAll('users')
        .where('identities.connection_id', '=', $.connection_id)
        .where('identities.upstream_user_id', '=', $.upstream_user_id),
  );
  const create = compile('users_create', (db, $: Values<Row>) =>
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
      })
      .returningAll(),
  );
  const recordLogin = compile('users_record_login', (db, $: Values<LoginValues>) =>
    db
      .updateTable('users')
      .set((row) => ({
        attributes: row.fn.coalesce($.attributes, 'attributes'),
        user_metadata: dialect.mergeJson(row.ref('user_metadata'), $.user_metadata),
        app_metadata: dialect.mergeJson(row.ref('app_metadata'), $.app_metadata),
        logins_count: row('logins_count', '+', sql.lit(1)),
        last_login_at: $.at,
        updated_at: $.at,
      }))
      .where('id', '=', $.id)
      .returningAll(),
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
      .returningAll(),
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
  const count = compile('users_count', (db, _: Values<object>) =>
    db.selectFrom('users').select((row) => row.fn.countAll<number>().as('count')),
  );

  return {
    async find(id) {
      const row = await find.first({ id });
      return row && fromRow(row);
    },
    async findByIdentity(connectionId, upstreamUserId) {
      const row = await findByIdentity.first({
        connection_id: connectionId,
        upstream_user_id: upstreamUserId,
      });
      return row && fromRow(row);
    },
    create: (user) => create.write(toRow(user), getOnlyUser),
    recordLogin: (login) =>
      recordLogin.write(
        {
          id: login.userId,
          at: login.at.getTime(),
          attributes: login.attributes === undefined ? null : toJson(login.attributes),
          user_metadata: toOptionalMergedJson(login.userMetadata),
          app_metadata: toOptionalMergedJson(login.appMetadata),
        },
        getOnlyUser,
        { mayConflict: true },
      ),
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
    count: async () => (await count.first({}))?.count ?? 0,
  };
}

/** What is set, and the keys that go. */
function toPatch(change: JsonObject): { readonly patch: string; readonly removals: string } {
  const entries = Object.entries(change);
  const removals = entries.filter(([, value]) => value === null).map(([key]) => toStorable(key));
  const patch = Object.fromEntries(entries.filter(([, value]) => value !== null));
  return { patch: toMergedJson(patch), removals: toJson(removals) };
}

const getOnlyUser = (rows: readonly Row[]): User => fromRow(getOnly(rows));

const toRow = (user: User): Row => ({
  id: user.id,
  attributes: toJson(user.attributes),
  user_metadata: toMergedJson(user.userMetadata),
  app_metadata: toMergedJson(user.appMetadata),
  is_blocked: toFlag(user.isBlocked),
  logins_count: user.loginsCount,
  last_login_at: toTime(user.lastLoginAt),
  created_at: user.createdAt.getTime(),
  updated_at: user.updatedAt.getTime(),
});

const fromRow = (row: Row): User => ({
  id: row.id as UserId,
  attributes: fromJson(row.attributes),
  userMetadata: fromJson(row.user_metadata),
  appMetadata: fromJson(row.app_metadata),
  isBlocked: row.is_blocked === 1,
  loginsCount: row.logins_count,
  lastLoginAt: fromTime(row.last_login_at),
  createdAt: new Date(row.created_at),
  updatedAt: new Date(row.updated_at),
});
