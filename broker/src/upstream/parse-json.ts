import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';

const maxDepth = 64;

/**
 * JSON of an upstream. Integers that a number cannot hold come back as their digits, so that an id stays exact; a key that
 * comes twice has its last value; `__proto__` is dropped. Throws SyntaxError, also where it is nested too deep.
 */
export function parseJson(text: string): Json {
  // RFC 8259 §8.1: a byte order mark may be ignored, and some providers send one.
  const json = text.startsWith('\ufeff') ? text.slice(1) : text;
  if (depthOf(json) > maxDepth) throw new SyntaxError(`nested deeper than ${maxDepth} levels`);
  // A reviver costs several times the plain parse, so it runs only where the text could need it.
  const mayNeedCare = /\d{16}|[eE]\+?\d{3}|__proto__|\\u/.test(json);
  return mayNeedCare ? JSON.parse(json, keepExact) : JSON.parse(json);
}

/** The object that a text is; undefined: it is none, or something else in JSON. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function keepExact(key: string, value: unknown, context?: { source?: string }): unknown {
  if (key === '__proto__') return undefined;
  if (typeof value !== 'number' || context?.source === undefined) return value;
  const isExact = Number.isSafeInteger(value) || (Number.isFinite(value) && !/^-?\d+$/.test(context.source));
  return isExact ? value : context.source;
}

const quote = 0x22;
const backslash = 0x5c;

/** Counted before parsing: what is parsed can then be walked by recursion. */
function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let index = 0; index < json.length; index += 1) {
    const character = json.charCodeAt(index);
    if (isInString) {
      if (character === backslash) index += 1;
      else if (character === quote) isInString = false;
    } else if (character === quote) isInString = true;
    else if (character === 0x7b || character === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (character === 0x7d || character === 0x5d) depth -= 1;
  }
  return deepest;
}
