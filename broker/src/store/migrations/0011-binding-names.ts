import type { ColumnTypes } from '../dialect.ts';

/** What a binding is called in lists of Auth0's tools; null: like its Action. */
export const bindingNames = ({ text }: ColumnTypes): string[] => [
  `alter table action_bindings add column display_name ${text}`,
];
