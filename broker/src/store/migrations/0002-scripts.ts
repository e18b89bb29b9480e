import type { ColumnTypes } from '../dialect.ts';

/** Actions, Rules, and the claims that they add to a code's tokens. */
export const scripts = ({ text, json, integer, bytes, tableOptions }: ColumnTypes): string[] => [
  `create table actions (
    id ${text} primary key,
    name ${text} not null unique,
    trigger_id ${text} not null,
    source ${text} not null,
    deployed_version ${integer},
    sealed_secrets ${bytes} not null,
    may_read_provider_tokens ${integer} not null,
    created_at ${integer} not null,
    updated_at ${integer} not null
  )${tableOptions}`,

  `create table action_versions (
    action_id ${text} not null references actions (id) on delete cascade,
    number ${integer} not null,
    source ${text} not null,
    created_at ${integer} not null,
    primary key (action_id, number)
  )${tableOptions}`,

  `create table action_bindings (
    trigger_id ${text} not null,
    position ${integer} not null,
    action_id ${text} not null references actions (id) on delete cascade,
    primary key (trigger_id, position)
  )${tableOptions}`,

  `create table rules (
    id ${text} primary key,
    name ${text} not null unique,
    source ${text} not null,
    position ${integer} not null,
    is_enabled ${integer} not null
  )${tableOptions}`,

  `create table rule_settings (
    key ${text} primary key,
    sealed_value ${bytes} not null
  )${tableOptions}`,

  `alter table codes add column claims ${json}`,
];
