import type { ColumnTypes } from '../dialect.ts';

/** What is left of limits that several brokers share, and since when a key signs. */
export const limitsAndKeyTimes = ({ text, integer, tableOptions }: ColumnTypes): string[] => [
  `create table rate_buckets (
    id ${text} primary key,
    full_at ${integer} not null
  )${tableOptions}`,
  'create index rate_buckets_full_at on rate_buckets (full_at)',

  // null: from before these columns, or not yet.
  `alter table keys add column current_since ${integer}`,
  `alter table keys add column current_until ${integer}`,
];
