/**
 * Bytes that came as base64; none if nothing came. Only texts: what has a length would be taken for a list, and filled
 * for as long as it says.
 */
export function readBytes(text) {
  if (text === undefined || text === null) return Buffer.alloc(0);
  if (typeof text !== 'string') throw new TypeError('The data must be given as base64.');
  return Buffer.from(text, 'base64');
}
