import { createServer, type RequestListener } from 'node:http';
import { Readable } from 'node:stream';

/* Applications with a server of their own, on loopback. */

export type ServerApp = { close(): Promise<void> };

export async function serveApp(port: number, listener: RequestListener): Promise<ServerApp> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  return {
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** For frameworks that speak the web's Request and Response. */
export function fromFetch(answer: (request: Request) => Response | Promise<Response>): RequestListener {
  return async (incoming, outgoing) => {
    const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((each): [string, string] => [name, each]),
    );
    const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD';
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
      method: incoming.method ?? 'GET',
      headers,
      ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
    });
    const response = await answer(request);
    outgoing.writeHead(response.status, {
      ...Object.fromEntries(response.headers),
      ...(response.headers.has('set-cookie') ? { 'set-cookie': response.headers.getSetCookie() } : {}),
    });
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  };
}
