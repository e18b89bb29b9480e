import type { ColumnTypes } from '../dialect.ts';

/** What Auth0's tools say of an Action and Portico has one of: shown again as it came, so that nothing differs. */
export const actionRuntimes = ({ text }: ColumnTypes): string[] => [
  `alter table actions add column runtime ${text}`,
  `alter table actions add column trigger_version ${text}`,
];
