import type { FastifyInstance } from 'fastify';
import { noParameters, type Parameters, parametersFromJson, parseParameters } from './parameters.ts';
import type { HttpRequest } from './route.ts';

/** A body as it was read. */
export type Body = Pick<HttpRequest, 'json' | 'upload'> & { readonly parameters: Parameters };

/** Forms, JSON, and files where the route takes them; everything else is 415. */
export function readBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, { parameters: parseParameters(body as string), json: undefined } satisfies Body),
  );
  server.addContentTypeParser(/^application\/(?:[\w.+-]+\+)?json/, { parseAs: 'string' }, (_request, body, done) => {
    try {
      const json: unknown = body === '' ? undefined : JSON.parse(body as string);
      done(null, { parameters: parametersFromJson(json), json } satisfies Body);
    } catch (cause) {
      done(Object.assign(new Error('body is not JSON', { cause }), { statusCode: 400 }));
    }
  });
  server.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (request, bytes, done) => {
    if ((request.routeOptions.config as { takesFiles?: boolean }).takesFiles !== true) {
      return done(Object.assign(new Error('no files are taken here'), { statusCode: 415 }));
    }
    const upload = { contentType: request.headers['content-type'] ?? '', bytes: bytes as Buffer };
    done(null, { parameters: noParameters, json: undefined, upload } satisfies Body);
  });
}
