import type { ColumnTypes } from '../dialect.ts';

/** npm modules that an administrator allows, and what Actions want of them. */
export const modules = ({ text, json, integer, tableOptions }: ColumnTypes): string[] => [
  `create table modules (
    name ${text} not null,
    version ${text} not null,
    hash ${text} not null,
    bundle ${text} not null,
    integrity ${text},
    added_at ${integer} not null,
    primary key (name, version)
  )${tableOptions}`,

  `alter table actions add column dependencies ${json}`,

  `alter table action_versions add column modules ${json}`,
];
