import type { Dialect } from '../dialect.ts';

/**
 * What users are searched and sorted by. Names and addresses have folded columns with an index each, since lists are
 * sorted by them; everything else of a profile is in `user_terms`, kept by triggers that do nothing at a sign-in which
 * changes neither attributes nor metadata. Also: where somebody last came from, and what a linked identity says of them.
 */
export const userSearch = ({ name, types }: Dialect): string[] => {
  const { text, json, integer, tableOptions } = types;
  const [isSqlite, number] = [name === 'sqlite', name === 'sqlite' ? 'real' : 'double precision'];
  // SQLite's indexes end with the row's number; PostgreSQL has none, so that the id keeps equals in order.
  const index = (column: string) => `create index users_${column} on users (${column}${isSqlite ? '' : ', id'})`;
  return [
    `alter table users add column last_ip ${text}`,
    `alter table identities add column profile_data ${json}`,
    ...keys.map((column) => `alter table users add column ${column} ${text} not null default ''`),
    `alter table users add column is_email_verified ${integer} not null default 0`,
    // 0: has never signed in. last_login_at says so with null, which keyset paging cannot walk.
    `alter table users add column last_login_order ${integer} not null default 0`,
    `alter table users add column attribute_terms ${json} not null default '[]'`,
    `create table user_terms (
      user_id ${text} not null references users (id) on delete cascade,
      field ${text} not null,
      value ${text} not null,
      number ${number},
      primary key (user_id, field, value)
    )${tableOptions}${isSqlite ? ', without rowid' : ''}`,
    'create index user_terms_value on user_terms (field, value, user_id)',
    ...(isSqlite ? termsOnSqlite : termsOnPostgres),
    ...(isSqlite ? fillOnSqlite : fillOnPostgres),
    ...[...keys, 'created_at', 'updated_at', 'last_login_order', 'logins_count'].map(index),
    'create index users_blocked on users (id) where is_blocked = 1',
  ];
};

const keys = ['email_key', 'email_domain', 'name_key', 'given_name_key', 'family_name_key', 'nickname_key'];

// Registered by sqlite/open-database.ts.
const termsOnSqlite = [
  `create trigger users_terms_of_new after insert on users
    when new.attribute_terms <> '[]' or new.user_metadata <> '{}' or new.app_metadata <> '{}'
  begin
    insert into user_terms (user_id, field, value, number)
      select new.id, value ->> 0, value ->> 1, value ->> 2
      from json_each(portico_terms(new.attribute_terms, new.user_metadata, new.app_metadata));
  end`,
  `create trigger users_terms_of_changed after update of attribute_terms, user_metadata, app_metadata on users
    when new.attribute_terms <> old.attribute_terms or new.user_metadata <> old.user_metadata
      or new.app_metadata <> old.app_metadata
  begin
    delete from user_terms where user_id = new.id;
    insert into user_terms (user_id, field, value, number)
      select new.id, value ->> 0, value ->> 1, value ->> 2
      from json_each(portico_terms(new.attribute_terms, new.user_metadata, new.app_metadata));
  end`,
];

const termsOnPostgres = [
  `create function portico_json_terms(prefix text, document jsonb)
    returns table (field text, value text, number double precision) language sql immutable as $$
    with recursive tree (path, node) as (
      select prefix, document
      union all
      select inner_node.path, inner_node.node from tree cross join lateral (
        select tree.path || '.' || member.key as path, member.value as node
          from jsonb_each(case when jsonb_typeof(tree.node) = 'object' then tree.node else '{}'::jsonb end) member
        union all
        select tree.path, item.value
          from jsonb_array_elements(case when jsonb_typeof(tree.node) = 'array' then tree.node else '[]'::jsonb end) item
      ) inner_node
    )
    select distinct on (1, 2) left(path, 200), left(node #>> '{}', 200),
      case when jsonb_typeof(node) = 'number' then (node #>> '{}')::double precision end
    from tree where jsonb_typeof(node) in ('string', 'number', 'boolean') limit 1000 $$`,
  `create function portico_fill_terms() returns trigger language plpgsql as $$ begin
    if tg_op = 'UPDATE' then delete from user_terms where user_id = new.id; end if;
    insert into user_terms (user_id, field, value, number)
      select new.id, term ->> 0, term ->> 1, (term ->> 2)::double precision
        from jsonb_array_elements(new.attribute_terms::jsonb) term
      union all select new.id, terms.* from portico_json_terms('user_metadata', new.user_metadata) terms
      union all select new.id, terms.* from portico_json_terms('app_metadata', new.app_metadata) terms
      on conflict do nothing;
    return null; end $$`,
  `create trigger users_terms_of_new after insert on users for each row
    when (new.attribute_terms <> '[]' or new.user_metadata <> '{}'::jsonb or new.app_metadata <> '{}'::jsonb)
    execute function portico_fill_terms()`,
  `create trigger users_terms_of_changed after update on users for each row
    when (new.attribute_terms <> old.attribute_terms or new.user_metadata <> old.user_metadata
      or new.app_metadata <> old.app_metadata)
    execute function portico_fill_terms()`,
];

const fillOnSqlite = [
  `update users set last_login_order = coalesce(last_login_at, 0),
    email_key = portico_fold(attributes ->> '$.email'),
    email_domain = portico_domain(attributes ->> '$.email'),
    name_key = portico_fold(attributes ->> '$.name'),
    given_name_key = portico_fold(attributes ->> '$.given_name'),
    family_name_key = portico_fold(attributes ->> '$.family_name'),
    nickname_key = portico_fold(attributes ->> '$.nickname'),
    is_email_verified = coalesce(attributes ->> '$.email_verified' = 1, 0),
    attribute_terms = portico_attribute_terms(attributes)`,
  // Whoever had nothing else but metadata: the update above changed no terms of theirs.
  `insert or ignore into user_terms (user_id, field, value, number)
    select users.id, term.value ->> 0, term.value ->> 1, term.value ->> 2
    from users, json_each(portico_terms(attribute_terms, user_metadata, app_metadata)) as term
    where user_metadata <> '{}' or app_metadata <> '{}'`,
];

/** Attributes that jsonb cannot hold, such as NUL, are found again once their person signs in with others. */
const fillOnPostgres = [
  `create function portico_try_json(document text) returns jsonb language plpgsql immutable as $$ begin
    return document::jsonb; exception when others then return '{}'::jsonb; end $$`,
  `update users set last_login_order = coalesce(last_login_at, 0),
    email_key = left(lower(coalesce(portico_try_json(attributes) ->> 'email', '')), 200),
    email_domain = coalesce(left(lower(substring(portico_try_json(attributes) ->> 'email' from '@([^@]*)$')), 200), ''),
    name_key = left(lower(coalesce(portico_try_json(attributes) ->> 'name', '')), 200),
    given_name_key = left(lower(coalesce(portico_try_json(attributes) ->> 'given_name', '')), 200),
    family_name_key = left(lower(coalesce(portico_try_json(attributes) ->> 'family_name', '')), 200),
    nickname_key = left(lower(coalesce(portico_try_json(attributes) ->> 'nickname', '')), 200),
    is_email_verified = case when portico_try_json(attributes) ->> 'email_verified' = 'true' then 1 else 0 end`,
  `insert into user_terms (user_id, field, value, number)
    select users.id, terms.* from users, portico_json_terms('user_metadata', user_metadata) terms
    union all
    select users.id, terms.* from users, portico_json_terms('app_metadata', app_metadata) terms
    on conflict do nothing`,
];
