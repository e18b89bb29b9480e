import type { Selectable } from 'kysely';
import type { ConnectionId } from '../../core/ids.ts';
import type { Job } from '../../core/job.ts';
import { fromJson, toJson } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['jobs']>;
type Part = Selectable<Database['job_parts']>;

export function createJobs({ compile }: RepositoryDeps): Store['jobs'] {
  const create = compile('jobs_create', (db, $: Values<Row>) =>
    db.insertInto('jobs').values({
      id: $.id,
      type: $.type,
      status: $.status,
      connection_id: $.connection_id,
      created_at: $.created_at,
      updated_at: $.updated_at,
      details: $.details,
      expires_at: $.expires_at,
    }),
  );
  const find = compile('jobs_find', (db, $: Values<{ id: string }>) =>
    db.selectFrom('jobs').selectAll().where('id', '=', $.id),
  );
  const claim = compile('jobs_claim', (db, $: Values<{ now: number; stale_before: number }>) =>
    db
      .updateTable('jobs')
      .set({ status: 'processing', updated_at: $.now })
      .where('id', '=', (row) =>
        row
          .selectFrom('jobs')
          .select('id')
          .where((job) =>
            job.or([
              job('status', '=', 'pending'),
              job.and([job('status', '=', 'processing'), job('updated_at', '<', $.stale_before)]),
            ]),
          )
          .orderBy('created_at')
          .limit(1),
      )
      // Said again for whoever waited meanwhile for another claim of the same row.
      .where((job) =>
        job.or([
          job('status', '=', 'pending'),
          job.and([job('status', '=', 'processing'), job('updated_at', '<', $.stale_before)]),
        ]),
      )
      .returningAll(),
  );
  const update = compile('jobs_update', (db, $: Values<Pick<Row, 'id' | 'status' | 'updated_at' | 'details'>>) =>
    db
      .updateTable('jobs')
      .set({ status: $.status, updated_at: $.updated_at, details: $.details })
      .where('id', '=', $.id),
  );
  // A step that is done again after a process ended writes the same once more.
  const putPart = compile('job_parts_put', (db, $: Values<Part>) =>
    db
      .insertInto('job_parts')
      .values({ job_id: $.job_id, kind: $.kind, number: $.number, content: $.content })
      .onConflict((conflict) => conflict.columns(['job_id', 'kind', 'number']).doUpdateSet({ content: $.content })),
  );
  const findPart = compile('job_parts_find', (db, $: Values<Omit<Part, 'content'>>) =>
    db
      .selectFrom('job_parts')
      .select('content')
      .where('job_id', '=', $.job_id)
      .where('kind', '=', $.kind)
      .where('number', '=', $.number),
  );

  return {
    create: (job) =>
      create.write(
        {
          id: job.id,
          type: job.type,
          status: job.status,
          connection_id: job.connectionId ?? null,
          created_at: job.createdAt.getTime(),
          updated_at: job.updatedAt.getTime(),
          details: toJson(job.details),
          expires_at: job.expiresAt.getTime(),
        },
        nothing,
      ),
    async find(id) {
      const row = await find.first({ id });
      return row && fromRow(row);
    },
    claim: ({ now, staleBefore }) =>
      claim.write({ now: now.getTime(), stale_before: staleBefore.getTime() }, ([row]) => row && fromRow(row)),
    update: ({ id, status, updatedAt, details }) =>
      update.write({ id, status, updated_at: updatedAt.getTime(), details: toJson(details) }, nothing),
    putPart: ({ jobId, kind, number, content }) => putPart.write({ job_id: jobId, kind, number, content }, nothing),
    findPart: async (jobId, kind, number) => (await findPart.first({ job_id: jobId, kind, number }))?.content,
  };
}

const fromRow = (row: Row): Job => ({
  id: row.id,
  type: row.type as Job['type'],
  status: row.status as Job['status'],
  connectionId: (row.connection_id ?? undefined) as ConnectionId | undefined,
  createdAt: new Date(row.created_at),
  updatedAt: new Date(row.updated_at),
  details: fromJson(row.details),
  expiresAt: new Date(row.expires_at),
});
