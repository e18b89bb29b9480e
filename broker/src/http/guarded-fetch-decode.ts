import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { EgressError } from '../core/errors.ts';

const decoders = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  rawDeflate: promisify(inflateRaw),
  br: promisify(brotliDecompress),
};
type Coding = keyof typeof decoders;

const codings = new Map<string, Coding | undefined>([
  ['', undefined],
  ['identity', undefined],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
]);

/** undefined: nothing to decode. At most one coding: stacked ones are only ever seen in attacks. */
export function parseContentEncoding(header: string | readonly string[] | undefined): Coding | undefined {
  if (header === undefined) return undefined;
  const name = String(header).trim().toLowerCase();
  if (!codings.has(name)) throw new EgressError('bad_encoding', 'The answer has an unsupported content encoding');
  return codings.get(name);
}

/** Decodes off the main thread and stops as soon as the output passes `maxBytes`. */
export async function decodeBody(body: Buffer, coding: Coding, maxBytes: number): Promise<Buffer> {
  // Some servers send bare deflate data where RFC 9110 §8.4.1.2 asks for the zlib format; its first nibble is 8.
  const isRaw = coding === 'deflate' && ((body[0] ?? 0) & 0x0f) !== 8;
  try {
    return await decoders[isRaw ? 'rawDeflate' : coding](body, { maxOutputLength: maxBytes });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(cause);
    throw new EgressError('bad_encoding', 'The answer could not be decompressed', { cause });
  }
}

export const tooLarge = (cause?: unknown): EgressError =>
  new EgressError('too_large', 'The answer is larger than allowed', { cause });
