import type { Api, ApiAnswer } from './management.ts';

/* Imports and exports of users, from their start to their end. */

export type JobWire = { readonly id: string; readonly status: string; readonly location?: string };

export async function finishedJob(api: Api, id: string): Promise<JobWire> {
  for (;;) {
    const job = (await api.call('GET', `/jobs/${id}`)).body as JobWire;
    if (job.status === 'completed' || job.status === 'failed') return job;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** `users`: the file's text; undefined: the form has no file. */
export async function uploadUsers(
  api: Api,
  parts: Readonly<Record<string, string>>,
  users: string | undefined,
): Promise<ApiAnswer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) form.set(name, value);
  if (users !== undefined) form.set('users', new Blob([users]), '../../etc/passwd');
  const sent = new Response(form);
  const body = Buffer.from(await sent.arrayBuffer()).toString('utf8');
  return api.call('POST', '/jobs/users-imports', body, { 'content-type': sent.headers.get('content-type') ?? '' });
}
