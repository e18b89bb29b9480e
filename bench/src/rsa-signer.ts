import { constants, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/*
 * What RS256 alone costs on this machine in this minute: asynchronous 2048-bit signatures over a token's worth of bytes.
 * No server that signs n tokens can take less CPU than n of these.
 */

const parallel = 2;
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { key: privateKey, padding: constants.RSA_PKCS1_PADDING };
const token = randomBytes(600);

const signOnce = (): Promise<void> =>
  new Promise((resolve, reject) => sign('sha256', token, key, (error) => (error ? reject(error) : resolve())));

async function signFor(ms: number): Promise<number> {
  const deadline = performance.now() + ms;
  let signatures = 0;
  const loop = async () => {
    while (performance.now() < deadline) {
      await signOnce();
      signatures += 1;
    }
  };
  await Promise.all(Array.from({ length: parallel }, loop));
  return signatures;
}

process.on('disconnect', () => process.exit());
process.on('message', async (message: { ms: number }) => {
  process.send?.({ operations: await signFor(message.ms) });
});
process.send?.({ port: 0 });
