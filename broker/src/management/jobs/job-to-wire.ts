import type { Job } from '../../core/job.ts';
import type { JsonObject } from '../../core/json.ts';

/** A job as on the wire; what only the runner needs stays here. */
export function jobToWire({ id, type, status, connectionId, createdAt, details }: Job, location?: string): JsonObject {
  const { connection, format, limit, fields, upsert, external_id: externalId, error } = details;
  const asked = { connection, format, limit, fields, upsert, external_id: externalId };
  const isImport = type === 'users_import';
  return {
    id,
    type,
    status,
    created_at: createdAt.toISOString(),
    ...(connectionId === undefined ? {} : { connection_id: connectionId }),
    ...Object.fromEntries(Object.entries(asked).filter((entry) => entry[1] !== undefined)),
    ...(status === 'pending' ? {} : { percentage_done: percentageOf(status, details) }),
    ...(isImport && status !== 'pending' ? { summary: summaryOf(details) } : {}),
    ...(location === undefined ? {} : { location }),
    ...(typeof error === 'string' ? { status_details: error } : {}),
  } as JsonObject;
}

function percentageOf(status: Job['status'], { done, seen, total }: JsonObject): number {
  if (status === 'completed') return 100;
  const share = Number(done ?? seen ?? 0) / Math.max(1, Number(total ?? 0));
  return Math.min(99, Math.floor(100 * share));
}

const summaryOf = ({ inserted = 0, updated = 0, failed = 0, total = 0 }: JsonObject): JsonObject => ({
  failed,
  updated,
  inserted,
  total,
});
