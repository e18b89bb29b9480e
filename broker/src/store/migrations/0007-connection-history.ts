import type { ColumnTypes } from '../dialect.ts';

/** Settings of a connection beside its options, and each state that it has been in. Its secrets go when it goes. */
export const connectionHistory = ({ text, json, integer, bytes, tableOptions }: ColumnTypes): string[] => [
  `alter table connections add column settings ${json} not null default '{}'`,

  `create table connection_versions (
    connection_id ${text} not null references connections (id) on delete cascade,
    number ${integer} not null,
    at ${integer} not null,
    actor ${text} not null,
    sealed_content ${bytes} not null,
    primary key (connection_id, number)
  )${tableOptions}`,
];
