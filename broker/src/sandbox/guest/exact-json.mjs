/** Integers beyond 2^53 become strings: an id must never lose its last digit. */
export function installExactJson(guest) {
  const { apply, parse, isSafeInteger } = guest;
  const { exec } = RegExp.prototype;
  const { test } = RegExp.prototype;
  const looksLong = /\d{16}/;
  const isInteger = /^-?\d+$/;
  // `test` looks up `exec` on the object; an own one is out of the script's reach.
  looksLong.exec = exec;
  isInteger.exec = exec;
  let isNoted = false;
  function exact(value, context) {
    const isLong = typeof value === 'number' && !isSafeInteger(value) && apply(test, isInteger, [context.source]);
    if (!isLong) return value;
    if (!isNoted) guest.on.note(`An integer beyond 2^53 was parsed as a text, to keep its digits: ${context.source}`);
    isNoted = true;
    return context.source;
  }
  const parseExactly = (text, reviver) => {
    if (typeof text !== 'string' || !apply(test, looksLong, [text])) return parse(text, reviver);
    if (typeof reviver !== 'function') return parse(text, (_key, value, context) => exact(value, context));
    return parse(text, function (key, value, context) {
      return apply(reviver, this, [key, exact(value, context), context]);
    });
  };
  guest.parseExactly = parseExactly;
  Object.defineProperty(JSON, 'parse', {
    value: { parse: (text, reviver) => parseExactly(text, reviver) }.parse,
    writable: true,
    configurable: true,
  });
}
