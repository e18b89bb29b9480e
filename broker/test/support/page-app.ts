import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { build } from 'esbuild';

export type PageApp = { close(): Promise<void> };

/** A single-page application: every address shows the same page, whose script is bundled as an application's is. */
export async function servePageApp(source: {
  readonly port: number;
  readonly script: string;
  /** On https. */
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer };
}): Promise<PageApp> {
  const script = await bundle(source.script);
  const answer: RequestListener = ({ url }, response) => {
    if (url === '/app.js') return response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    return response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(
        '<!doctype html><title>app</title><link rel="icon" href="data:,"><main></main><script src="/app.js"></script>',
      );
  };
  const server = source.certificate === undefined ? createServer(answer) : createTlsServer(source.certificate, answer);
  await new Promise<void>((resolve) => server.listen(source.port, 'localhost', resolve));
  return {
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bundle(contents: string): Promise<string> {
  const result = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'jsx' },
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  });
  return result.outputFiles[0]?.text ?? '';
}
