import type { OutgoingHttpHeaders } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { Server as TlsServer } from 'node:tls';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { TraceId } from '../core/ids.ts';
import type { Random } from '../core/random.ts';
import { boundTheRest } from './bound-the-rest.ts';
import { trackInFlight } from './in-flight.ts';
import { limitConnections } from './limit-connections.ts';
import { noParameters, type Parameters, parseParameters } from './parameters.ts';
import { patience as ordinaryPatience, type Patience } from './patience.ts';
import { type Body, readBodies } from './read-bodies.ts';
import type { Handle, HttpReply, HttpRequest, Route } from './route.ts';

/*
 * The one place that knows sockets: turns routes into a Fastify server. Errors of handlers go to `respondError`.
 */

export type ListenOptions = {
  readonly routes: readonly Route[];
  readonly random: Random;
  readonly respondError: (error: unknown, route: Route | undefined, request: HttpRequest) => Promise<HttpReply>;
  /** Headers that let a known application's page read the answer; undefined: the origin is unknown. */
  readonly crossOriginHeaders: (origin: string) => Promise<Readonly<Record<string, string>> | undefined>;
  readonly observe: (path: string, status: number, seconds: number) => void;
  readonly tls: Certificate | undefined;
  readonly trustProxy: boolean | string;
  /** Connections at a time; one more is closed as it comes. */
  readonly maxConnections: number;
  /** Whose a connection is, by its address: nobody may have more than a tenth of them. undefined: not counted. */
  readonly ownerOf: (ip: string) => string | undefined;
  /** undefined: the ordinary one. */
  readonly patience?: Patience;
};

/** PEM. */
export type Certificate = { readonly cert: string; readonly key: string };

export type Listener = {
  listen(host: string, port: number): Promise<number>;
  /** For connections from now on; only where the listener began with one. */
  useCertificate(certificate: Certificate): void;
  /** Stops accepting; resolves when every request under way has been answered. */
  close(): Promise<void>;
};

const maxBodyBytes = 64 * 1024;

export function createListener(given: ListenOptions): Listener {
  let isClosing = false;
  const options = { ...given, isClosing: () => isClosing };
  const server = createFastify(options);
  const inFlight = trackInFlight(server);
  for (const route of options.routes) addRoute(server, route, options);
  addPreflights(server, options);
  answerTheRest(server, options);
  return {
    async listen(host, port) {
      await server.listen({ host, port });
      return (server.server.address() as AddressInfo).port;
    },
    useCertificate(certificate) {
      if (server.server instanceof TlsServer) server.server.setSecureContext(certificate);
    },
    async close() {
      isClosing = true;
      const closed = server.close();
      await inFlight.whenNone();
      // What is left are connections on which nothing was ever asked.
      server.server.closeAllConnections();
      await closed;
    },
  };
}

function createFastify(options: ListenOptions): FastifyInstance {
  const patience = options.patience ?? ordinaryPatience;
  const sockets = {
    headersTimeout: patience.headersMs,
    connectionsCheckingInterval: patience.checkEveryMs,
    ...(options.tls === undefined ? {} : { ...options.tls, handshakeTimeout: patience.headersMs }),
  };
  const server = Fastify({
    logger: false,
    trustProxy: options.trustProxy,
    bodyLimit: maxBodyBytes,
    // A connection that idles between requests is closed at shutdown; one that waits for its answer is not.
    forceCloseConnections: 'idle',
    requestTimeout: patience.requestMs,
    keepAliveTimeout: patience.idleMs,
    connectionTimeout: patience.silenceMs,
    return503OnClosing: false,
    genReqId: () => options.random.id('tr_'),
    // No route has a schema; Fastify would load two compilers of schemas all the same.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    routerOptions: { querystringParser: (text: string) => parseParameters(text) as never, maxParamLength: 2048 },
    ...(options.tls === undefined ? { http: sockets } : { https: sockets }),
  }) as FastifyInstance;
  server.server.maxConnections = options.maxConnections;
  limitConnections(server.server, { ownerOf: options.ownerOf, max: Math.ceil(options.maxConnections / 10) });
  readBodies(server);
  return server;
}

const noSchemas = () => {
  throw new Error('routes have no schemas');
};

/** `isClosing`: from the moment a stop was asked for. */
type Listening = ListenOptions & { readonly isClosing: () => boolean };

function addRoute(server: FastifyInstance, route: Route, options: Listening): void {
  const admitted = new WeakMap<FastifyRequest, Handle>();
  const { admit } = route;
  server.route({
    method: route.method,
    url: route.path,
    ...(route.maxBodyBytes === undefined ? {} : { bodyLimit: route.maxBodyBytes }),
    config: { takesFiles: route.takesFiles === true },
    ...(admit === undefined
      ? {}
      : {
          // What it throws goes to the error handler below.
          onRequest: async (raw) => {
            admitted.set(raw, await admit(toRequest(raw)));
          },
        }),
    handler: async (raw, reply) => {
      const startedAt = performance.now();
      const request = toRequest(raw);
      const handle = admitted.get(raw) ?? route.handle;
      const answer = await answerWith(handle, request, (error) => options.respondError(error, route, request));
      const crossOrigin = await findCrossOrigin(raw, route, options);
      options.observe(route.path, answer.status, (performance.now() - startedAt) / 1000);
      send(reply, answer, { isClosing: options.isClosing, crossOrigin });
    },
    // What is refused for its head, or has a body that cannot be read, does not reach the handler.
    errorHandler: async (error, raw, reply) => {
      const crossOrigin = await findCrossOrigin(raw, route, options);
      const answer = await options.respondError(error, route, toRequest(raw));
      options.observe(route.path, answer.status, reply.elapsedTime / 1000);
      send(reply, answer, { isClosing: options.isClosing, crossOrigin });
    },
  });
}

/** undefined: no page asks, or none of an application that we know. */
async function findCrossOrigin({ headers }: FastifyRequest, route: Route, { crossOriginHeaders }: Listening) {
  return route.allowsCrossOrigin && headers.origin !== undefined ? crossOriginHeaders(headers.origin) : undefined;
}

async function answerWith(
  handle: Handle,
  request: HttpRequest,
  respondError: (error: unknown) => Promise<HttpReply>,
): Promise<HttpReply> {
  try {
    return await handle(request);
  } catch (error) {
    return respondError(error);
  }
}

/** A preflight asks by origin only: no client id is known yet, so the origin must belong to some application. */
function addPreflights(server: FastifyInstance, options: ListenOptions): void {
  const routes = options.routes.filter((route) => route.allowsCrossOrigin);
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
    const promises = { ...preflightHeaders, 'access-control-allow-methods': methods.join(', ') };
    server.options(path, async (raw, reply) => {
      const headers = await options.crossOriginHeaders(raw.headers.origin ?? '');
      return reply
        .code(204)
        .headers(headers ?? {})
        .headers(headers === undefined ? {} : promises)
        .send();
    });
  }
}

const preflightHeaders = {
  'access-control-allow-headers': 'authorization, content-type, auth0-client, dpop',
  'access-control-max-age': '600',
};

function answerTheRest(server: FastifyInstance, options: Listening): void {
  server.setNotFoundHandler(async (raw, reply) => {
    const error = Object.assign(new Error('no such address'), { statusCode: 404 });
    send(reply, await options.respondError(error, undefined, toRequest(raw)), options);
  });
  server.setErrorHandler(async (error, raw, reply) =>
    send(reply, await options.respondError(error, undefined, toRequest(raw)), options),
  );
}

function toRequest(raw: FastifyRequest): HttpRequest {
  const at = raw.url.indexOf('?');
  const body = raw.headers['content-type'] === undefined ? undefined : (raw.body as Body | null | undefined);
  return {
    method: raw.method,
    path: at === -1 ? raw.url : raw.url.slice(0, at),
    query: raw.query as Parameters,
    search: at === -1 ? '' : raw.url.slice(at + 1),
    body: body?.parameters ?? noParameters,
    json: body?.json,
    upload: body?.upload,
    headers: raw.headers,
    pathParameters: raw.params as Record<string, string>,
    // A forwarded address that is none counts as not sent.
    ip: isIP(raw.ip) === 0 ? (raw.socket.remoteAddress ?? '') : raw.ip,
    traceId: raw.id as TraceId,
  };
}

type Sending = Pick<Listening, 'isClosing'> & { readonly crossOrigin?: Readonly<Record<string, string>> | undefined };

/** Written as it is, head and body at once: nothing of Fastify's has anything to add to a finished answer. */
function send(reply: FastifyReply, answer: HttpReply, { isClosing, crossOrigin }: Sending): void {
  reply.hijack();
  boundTheRest(reply.request.raw);
  if (answer.parts !== undefined) {
    sendParts(reply, answer, answer.parts);
    return;
  }
  reply.raw.writeHead(answer.status, {
    ...answer.headers,
    ...crossOrigin,
    // RFC 9110 §8.6: 204 has no length, and that of 304 would be the length of what is not sent.
    ...(answer.status === 204 || answer.status === 304
      ? undefined
      : { 'content-length': Buffer.byteLength(answer.body) }),
    // Otherwise a connection that was busy when the stop began would hold it until its keep-alive time is over.
    ...(isClosing() ? { connection: 'close' } : undefined),
  } as OutgoingHttpHeaders);
  reply.raw.end(answer.body);
}

/** As fast as the other side reads. What breaks off in the middle is cut, so that nobody takes half a file for a whole one. */
function sendParts(reply: FastifyReply, { status, headers }: HttpReply, parts: AsyncIterable<Uint8Array>): void {
  reply.raw.writeHead(status, { ...headers } as OutgoingHttpHeaders);
  pipeline(parts, reply.raw).catch(() => reply.raw.destroy());
}
