import type { Server, Socket } from 'node:net';

type ConnectionLimit = {
  /** Whose a connection is; undefined: nobody's, and not counted. */
  readonly ownerOf: (ip: string) => string | undefined;
  readonly max: number;
};

/** So many connections of one owner at a time; one more is closed as it comes. */
export function limitConnections(server: Server, { ownerOf, max }: ConnectionLimit): void {
  const held = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const owner = ownerOf(socket.remoteAddress ?? '');
    if (owner === undefined) return;
    const count = held.get(owner) ?? 0;
    if (count >= max) {
      socket.destroy();
      return;
    }
    held.set(owner, count + 1);
    socket.once('close', () => {
      const left = (held.get(owner) ?? 1) - 1;
      if (left === 0) held.delete(owner);
      else held.set(owner, left);
    });
  });
}
