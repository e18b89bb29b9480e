import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RenderedPage } from '../../src/http/page.ts';

export type Posted = {
  readonly path: string;
  readonly origin: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
};

/** A site on loopback: it shows the pages put on it, redirects, and remembers what was posted to it. */
export type Site = {
  readonly origin: string;
  readonly pages: Map<string, RenderedPage>;
  readonly redirects: Map<string, string>;
  readonly posted: Posted[];
  readonly close: () => void;
};

const emptyPage: RenderedPage = { html: '<title>app</title>', headers: { 'content-type': 'text/html' } };

export async function openSite(): Promise<Site> {
  const pages = new Map<string, RenderedPage>();
  const redirects = new Map<string, string>();
  const posted: Posted[] = [];
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    if (request.method === 'POST') posted.push(await readPosted(request, path));
    const location = redirects.get(path);
    if (location !== undefined) return response.writeHead(303, { location }).end();
    const page = pages.get(path) ?? emptyPage;
    return response.writeHead(200, page.headers).end(page.html);
  });
  return { origin: await listen(server), pages, redirects, posted, close: () => stop(server) };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function stop(server: Server): void {
  server.closeAllConnections();
  server.close();
}

async function readPosted(request: IncomingMessage, path: string): Promise<Posted> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return { path, origin: request.headers.origin, fields: Object.fromEntries(new URLSearchParams(body)) };
}
