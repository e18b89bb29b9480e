import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { noParameters, type Parameters, parametersFromJson, parseParameters } from './parameters.ts';
import type { HttpRequest } from './route.ts';

/** A body as it was read. */
export type Body = Pick<HttpRequest, 'json' | 'upload'> & { readonly parameters: Parameters };

/** Forms, JSON, and files where the route takes them; everything else is 415. */
export function readBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  // What is escaped is ASCII, whatever a form calls itself.
  server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (_request, bytes, done) => {
    if (!isUtf8(bytes as Buffer)) return done(refusal('body is not UTF-8', 400));
    done(null, { parameters: parseParameters(bytes.toString()), json: undefined } satisfies Body);
  });
  server.addContentTypeParser(/^application\/(?:[\w.+-]+\+)?json/, { parseAs: 'buffer' }, (request, bytes, done) => {
    if (!isUnicode.test(request.headers['content-type'] ?? '')) return done(refusal('JSON is UTF-8', 415));
    // A letter that is none would become another one.
    if (!isUtf8(bytes as Buffer)) return done(refusal('body is not UTF-8', 400));
    try {
      const json: unknown = bytes.length === 0 ? undefined : JSON.parse(bytes.toString());
      done(null, { parameters: parametersFromJson(json), json } satisfies Body);
    } catch (cause) {
      done(refusal('body is not JSON', 400, cause));
    }
  });
  server.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (request, bytes, done) => {
    if ((request.routeOptions.config as { takesFiles?: boolean }).takesFiles !== true) {
      return done(refusal('no files are taken here', 415));
    }
    const upload = { contentType: request.headers['content-type'] ?? '', bytes: bytes as Buffer };
    done(null, { parameters: noParameters, json: undefined, upload } satisfies Body);
  });
}

/** RFC 8259 §8.1; without the parameter it is UTF-8 as well. */
const isUnicode = /^(?!.*;\s*charset=)|;\s*charset="?(?:utf-?8|us-ascii)"?\s*(?:;|$)/i;

const refusal = (message: string, statusCode: number, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { statusCode });
