import type { IncomingMessage } from 'node:http';

/** More than a body may have anywhere, so that whoever sends a little too much reads why it is refused. */
const maxRestBytes = 8 * 1024 * 1024;

/** For a request that is answered before its body is there: the rest is read to no end, and only so much of it. */
export function boundTheRest(request: IncomingMessage): void {
  if (request.complete) return;
  let rest = maxRestBytes;
  request.on('data', (bytes: Buffer) => {
    rest -= bytes.length;
    if (rest < 0) request.socket.destroy();
  });
}
