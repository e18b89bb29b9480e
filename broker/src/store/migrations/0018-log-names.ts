import type { ColumnTypes } from '../dialect.ts';

/**
 * Whom an event of the log is about, by name. And lines that are written at every token cost neither of the indexes that
 * only the others are looked for by.
 */
export const logNames = ({ text }: ColumnTypes): string[] => [
  `alter table logs add column user_name ${text}`,
  'drop index logs_rare',
  `create index logs_rare on logs (type, sequence) where type not in ('s', 'ssa', 'seacft', 'sertft', 'seccft')`,
  'drop index logs_trace',
  `create index logs_trace on logs (trace_id) where type not in ('seacft', 'sertft', 'seccft')`,
];
