/*
 * The frames on the channel between the broker and a script host. Plain JavaScript because both sides load it, and the
 * host runs without the WebAssembly that type stripping needs.
 *
 * A frame: length (u32) of all that follows, kind (u8), run (u32), length of the head (u32), head, body. The head is a
 * short JSON text, the body are raw bytes, so that nothing is encoded twice. A frame that says it is larger than
 * allowed is refused before a byte of it is kept.
 */

/** Broker to host: run, answer and module. Host to broker: the others. */
export const frameKinds = Object.freeze({
  ready: 1,
  broken: 2,
  run: 3,
  request: 4,
  answer: 5,
  console: 6,
  outcome: 7,
  /** The run's thread does not stop: the host must not get new runs. */
  stuck: 8,
  /** V8 gave up on the run's isolate: the host is lost. */
  fatal: 9,
  /** The text of an npm module, with its hash as the head: sent before the first run that may want it. */
  module: 10,
});

const prefixBytes = 13;

/**
 * @param {number} kind
 * @param {number} run
 * @param {string} head
 * @param {string | Uint8Array} [body]
 * @returns {Buffer}
 */
export function encodeFrame(kind, run, head, body = '') {
  const headBytes = Buffer.byteLength(head);
  const bodyBytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  const frame = Buffer.allocUnsafe(prefixBytes + headBytes + bodyBytes);
  frame.writeUInt32LE(prefixBytes - 4 + headBytes + bodyBytes, 0);
  frame[4] = kind;
  frame.writeUInt32LE(run, 5);
  frame.writeUInt32LE(headBytes, 9);
  frame.write(head, prefixBytes, 'utf8');
  if (typeof body === 'string') frame.write(body, prefixBytes + headBytes, 'utf8');
  if (typeof body !== 'string') frame.set(body, prefixBytes + headBytes);
  return frame;
}

/**
 * Returns a function that takes bytes as they arrive and hands whole frames on. It throws on a frame that cannot be.
 *
 * @param {number} maxBytes of one frame
 * @param {(frame: { kind: number, run: number, head: string, body: Buffer }) => void} onFrame
 * @returns {(chunk: Buffer) => void}
 */
export function createFrameReader(maxBytes, onFrame) {
  /** @type {Buffer[]} */
  let chunks = [];
  let held = 0;
  let wanted = 4;
  return (chunk) => {
    chunks.push(chunk);
    held += chunk.length;
    if (held < wanted) return;
    let bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks, held);
    while (bytes.length >= 4) {
      const length = bytes.readUInt32LE(0);
      if (length < prefixBytes - 4 || length > maxBytes) throw new RangeError(`a frame of ${length} bytes`);
      if (bytes.length < 4 + length) break;
      const headBytes = bytes.readUInt32LE(9);
      if (headBytes > length - (prefixBytes - 4)) throw new RangeError('a frame with a head larger than itself');
      onFrame({
        kind: bytes[4],
        run: bytes.readUInt32LE(5),
        head: bytes.toString('utf8', prefixBytes, prefixBytes + headBytes),
        body: bytes.subarray(prefixBytes + headBytes, 4 + length),
      });
      bytes = bytes.subarray(4 + length);
    }
    chunks = bytes.length === 0 ? [] : [bytes];
    held = bytes.length;
    wanted = held < 4 ? 4 : 4 + bytes.readUInt32LE(0);
  };
}
