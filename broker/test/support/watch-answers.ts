import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { servedAnswers } from './check-answer.ts';

/*
 * Every answer that a broker in this process gives below /api/v2 and /api/portico/v1, whoever asks, is held against the
 * OpenAPI document.
 */

type Started = { readonly request: IncomingMessage; readonly response: ServerResponse };

/** By port. */
const watched = new Map<number | undefined, string[]>();
let isSubscribed = false;

export type AnswerWatch = {
  /** Throws what was wrong. */
  end(): void;
};

export function watchAnswers(port: number): AnswerWatch {
  const problems: string[] = [];
  watched.set(port, problems);
  if (!isSubscribed) subscribe('http.server.request.start', (message) => watch(message as Started));
  isSubscribed = true;
  return {
    end() {
      watched.delete(port);
      if (problems.length > 0)
        throw new Error(`answers that the OpenAPI document does not allow:\n${problems.join('\n')}`);
    },
  };
}

function watch({ request, response }: Started): void {
  const problems = watched.get(request.socket.localPort);
  const [path = '', search = ''] = (request.url ?? '').split('?', 2);
  const isOurs = /^\/api\/(?:v2|portico\/v1)\//.test(path) && path !== documentPath;
  if (problems === undefined || !isOurs || /^(?:HEAD|OPTIONS)$/.test(request.method ?? '')) return;
  const { end } = response;
  response.end = ((...given: Parameters<typeof end>) => {
    const [body] = given as readonly unknown[];
    const method = request.method ?? '';
    const answered = { method, path, search, status: response.statusCode, body: typeof body === 'string' ? body : '' };
    const problem = servedAnswers().problemOf(answered);
    if (problem !== undefined && problems.length < 20) problems.push(problem);
    return end.apply(response, given);
  }) as typeof end;
}

const documentPath = '/api/v2/openapi.json';
