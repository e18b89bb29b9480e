import type Database from 'better-sqlite3';
import type { Row } from '../backend.ts';
import type { Statement } from '../store.ts';

export type Execute = (statement: Statement, values: readonly unknown[]) => readonly Row[];

/** Prepares each statement once and keeps it; one without a name is for this time only. */
export function createExecute(db: Database.Database): Execute {
  const prepared = new Map<Statement, Database.Statement<unknown[], Row>>();
  return (statement, values) => {
    let known = prepared.get(statement);
    if (known === undefined) {
      known = db.prepare<unknown[], Row>(statement.sql);
      if (statement.name !== '') prepared.set(statement, known);
    }
    if (known.reader) return known.all(values);
    known.run(values);
    return [];
  };
}
