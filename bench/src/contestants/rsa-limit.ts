import { join } from 'node:path';
import type { Lane } from '../load/lane.ts';
import { nextMessage, startPeer } from '../processes/started-process.ts';
import type { Workplace } from './workplace.ts';

/** Signatures and nothing else, in turns with the contestants: what RSA allows in the same minute. */
export async function rsaLimitLane(workplace: Workplace): Promise<Lane> {
  const peer = await startPeer({
    name: 'RSA signer',
    file: join(import.meta.dirname, '../rsa-signer.ts'),
    environment: {},
    logFile: join(workplace.directory('rsa'), 'log'),
  });
  return {
    name: 'RS256 signature',
    pid: peer.pid,
    signatures: 1,
    async run(ms) {
      peer.child.send({ ms });
      const message = await nextMessage(peer, 'RSA signer');
      return Number((message as { operations: number }).operations);
    },
  };
}
