import type { Selectable } from 'kysely';
import type { UserId } from '../../core/ids.ts';
import type { User } from '../../core/user.ts';
import { fromJson, fromTime, toFlag, toJson, toMergedJson, toTime } from '../columns.ts';
import type { Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { keysOf, type UserKeys } from '../user-keys.ts';

/** What a domain user is made of. The keys that it is found by stay in the database. */
export const userColumns = [
  'id',
  'attributes',
  'user_metadata',
  'app_metadata',
  'is_blocked',
  'logins_count',
  'last_login_at',
  'last_ip',
  'created_at',
  'updated_at',
] as const;

export type StoredUser = Selectable<Database['users']>;
export type UserRow = Pick<StoredUser, (typeof userColumns)[number]>;

export const keySlots = ($: Values<UserKeys>) => ({
  email_key: $.email_key,
  email_domain: $.email_domain,
  name_key: $.name_key,
  given_name_key: $.given_name_key,
  family_name_key: $.family_name_key,
  nickname_key: $.nickname_key,
  is_email_verified: $.is_email_verified,
  attribute_terms: $.attribute_terms,
});

export const toUserRow = (user: User): StoredUser => ({
  id: user.id,
  attributes: toJson(user.attributes),
  user_metadata: toMergedJson(user.userMetadata),
  app_metadata: toMergedJson(user.appMetadata),
  is_blocked: toFlag(user.isBlocked),
  logins_count: user.loginsCount,
  last_login_at: toTime(user.lastLoginAt),
  created_at: user.createdAt.getTime(),
  updated_at: user.updatedAt.getTime(),
  last_ip: user.lastIp ?? null,
  last_login_order: user.lastLoginAt?.getTime() ?? 0,
  ...keysOf(user.attributes),
});

export const fromUserRow = (row: UserRow): User => ({
  id: row.id as UserId,
  attributes: fromJson(row.attributes),
  userMetadata: fromJson(row.user_metadata),
  appMetadata: fromJson(row.app_metadata),
  isBlocked: row.is_blocked === 1,
  loginsCount: row.logins_count,
  lastLoginAt: fromTime(row.last_login_at),
  createdAt: new Date(row.created_at),
  updatedAt: new Date(row.updated_at),
  ...(row.last_ip === null ? {} : { lastIp: row.last_ip }),
});
