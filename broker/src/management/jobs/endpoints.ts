import { Type } from '@sinclair/typebox';
import { addSeconds } from '../../core/clock.ts';
import { ApiError } from '../../core/errors.ts';
import type { Job } from '../../core/job.ts';
import type { JsonObject } from '../../core/json.ts';
import { readUpload } from '../../http/read-upload.ts';
import type { HttpRequest } from '../../http/route.ts';
import { jobAnswer, jobErrors } from '../../wire/management/answers/job.ts';
import type { ManagementDeps } from '../deps.ts';
import { anyOf, type Endpoint, endpoint } from '../endpoint.ts';
import { downloadUrl } from './download.ts';
import { jobToWire } from './job-to-wire.ts';
import { readUsers } from './user-file.ts';

/** Auth0: a file of users has at most 500 KB. */
const maxFileBytes = 512_000;
const daySeconds = 86_400;
const mostErrorParts = 10_000;

const field = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    export_as: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  },
  { additionalProperties: false },
);

/** `/jobs`: exports and imports of users. They are kept for a day. */
export function jobEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, clock, random, audit, startJobs } = deps;

  const start = async (
    call: Parameters<typeof audit>[0],
    { type, connectionId, details }: Pick<Job, 'type' | 'connectionId' | 'details'>,
    input?: Uint8Array,
  ): Promise<Job> => {
    const now = clock.now();
    const job: Job = {
      id: random.id('job_'),
      type,
      status: 'pending',
      connectionId,
      createdAt: now,
      updatedAt: now,
      details,
      expiresAt: addSeconds(now, daySeconds),
    };
    await store.writeAll([
      store.jobs.create(job),
      ...(input === undefined ? [] : [store.jobs.putPart({ jobId: job.id, kind: 'input', number: 0, content: input })]),
      audit(call, type === 'users_export' ? 'Export users' : 'Import users', { details: { job: job.id } }),
    ]);
    startJobs();
    return job;
  };

  return [
    endpoint({
      method: 'POST',
      path: '/jobs/users-exports',
      summary: 'Export users to a file',
      scopes: anyOf('read:users'),
      body: Type.Object(
        {
          connection_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
          format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv')])),
          limit: Type.Optional(Type.Integer({ minimum: 1 })),
          fields: Type.Optional(Type.Array(field, { minItems: 1, maxItems: 100 })),
        },
        { additionalProperties: false },
      ),
      result: jobAnswer,
      answers: [200, 400],
      async handle(call) {
        const { connection_id: id, format = 'json', limit, fields } = call.body;
        const connection = id === undefined ? undefined : await getConnection(deps, id);
        const job = await start(call, {
          type: 'users_export',
          connectionId: connection?.id,
          details: {
            format,
            ...(connection === undefined ? {} : { connection: connection.name }),
            ...(limit === undefined ? {} : { limit }),
            ...(fields === undefined ? {} : { fields: fields.map((one) => ({ ...one })) }),
          },
        });
        return { status: 200, body: jobToWire(job, undefined) };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/jobs/users-imports',
      summary:
        'Import users of a connection from a file (multipart/form-data: users, connection_id, upsert, external_id)',
      scopes: anyOf('create:users'),
      takesFiles: true,
      result: jobAnswer,
      answers: [202, 400, 413],
      async handle(call) {
        const { fields, file } = await readForm(call.request);
        const connection = await getConnection(deps, fields.connection_id ?? '');
        const details = {
          connection: connection.name,
          upsert: fields.upsert === 'true',
          // As anybody else who links identities.
          mayLink: call.caller.scopes.has('update:users'),
          ...(fields.external_id === undefined ? {} : { external_id: fields.external_id.slice(0, 500) }),
        };
        const job = await start(call, { type: 'users_import', connectionId: connection.id, details }, file);
        return { status: 202, body: jobToWire(job, undefined) };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/jobs/:id',
      summary: 'Get a job, and the address of its file once it is done',
      scopes: anyOf('create:users', 'read:users'),
      result: jobAnswer,
      answers: [200, 404],
      async handle({ caller, path }) {
        const job = await getJob(deps, path.id);
        const mayRead = job.type === 'users_export' && job.status === 'completed' && caller.scopes.has('read:users');
        return { status: 200, body: jobToWire(job, mayRead ? await downloadUrl(deps, job) : undefined) };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/jobs/:id/errors',
      summary: 'List what of an import could not be taken',
      scopes: anyOf('create:users', 'read:users'),
      result: jobErrors,
      answers: [200, 204, 404],
      async handle({ path }) {
        const job = await getJob(deps, path.id);
        const errors = await listErrors(deps, job);
        return errors.length === 0 ? { status: 204 } : { status: 200, body: errors };
      },
    }),
  ];
}

async function getConnection({ directory }: ManagementDeps, id: string) {
  const connection = (await directory.read()).connections.find((one) => one.id === id);
  if (connection !== undefined) return connection;
  throw new ApiError(400, 'The connection does not exist.', { code: 'inexistent_connection' });
}

async function getJob({ store, clock }: ManagementDeps, id: string | undefined): Promise<Job> {
  const job = await store.jobs.find(id ?? '');
  if (job !== undefined && job.expiresAt > clock.now()) return job;
  throw new ApiError(404, 'The job does not exist.', { code: 'inexistent_job' });
}

/** Each step that had errors wrote them under the number of its first row. */
async function listErrors({ store }: ManagementDeps, { id, details }: Job): Promise<readonly JsonObject[]> {
  const errors: JsonObject[] = [];
  const done = Math.min(Number(details.done ?? 0), mostErrorParts);
  for (let number = 0; number < done; number += 100) {
    const part = await store.jobs.findPart(id, 'errors', number);
    if (part !== undefined) errors.push(...(JSON.parse(Buffer.from(part).toString('utf8')) as JsonObject[]));
  }
  return errors;
}

/** Nothing but the bytes that were sent is read, whatever the form calls them (API-25). */
async function readForm({ upload }: HttpRequest) {
  const form = upload === undefined ? undefined : await readUpload(upload);
  const file = form?.files.users;
  if (form === undefined || file === undefined) {
    throw new ApiError(400, "Payload validation error: 'Missing required property: users' (a file of a form).", {
      code: 'invalid_body',
    });
  }
  if (file.byteLength > maxFileBytes) {
    throw new ApiError(413, `The file of users is larger than ${maxFileBytes} bytes`, { code: 'payload_too_large' });
  }
  if (readUsers(file) === undefined) {
    throw new ApiError(400, 'The file of users is neither a JSON array of users nor one JSON object a line', {
      code: 'invalid_body',
    });
  }
  return { fields: form.fields, file };
}
