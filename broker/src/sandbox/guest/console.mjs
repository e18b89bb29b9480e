/** `console`: lines as text, capped here already so that a flood costs no more than the script's own time. */
export function installConsole(guest) {
  const { apply, cut, stringify, describe, define, on } = guest;
  const maxLineLength = 1024;
  const maxTotalLength = 16384;
  let linesLeft = 0;
  let lengthLeft = maxTotalLength;
  on.consoleStarted = (maxLines) => {
    linesLeft = maxLines;
  };

  function show(value) {
    if (typeof value === 'string') return value;
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'function') return '[Function]';
    if (typeof value === 'symbol') return '[Symbol]';
    if (typeof value !== 'object' || value === null) return `${value}`;
    const told = value instanceof guest.Error ? describe(value) : undefined;
    if (told !== undefined) return told.stack === '' ? `${told.name}: ${told.message}` : told.stack;
    try {
      return stringify(value) ?? '[object]';
    } catch {
      return '[an object that cannot be shown]';
    }
  }

  function send(level, text) {
    if (linesLeft <= 0) return;
    linesLeft -= 1;
    if (linesLeft === 0 || lengthLeft <= 0) {
      linesLeft = 0;
      guest.call('console', 'warn', 'Further console lines were left out.');
      return;
    }
    const line = cut(text, maxLineLength);
    lengthLeft -= line.length;
    guest.call('console', level, line);
  }

  const { indexOf } = String.prototype;
  /** `%s` and its kin, as in Node: substituted in the first text only. */
  function format(args, count) {
    let next = 1;
    let text = '';
    if (typeof args[0] === 'string') {
      let rest = args[0];
      let at = apply(indexOf, rest, ['%']);
      while (at !== -1 && at + 1 < rest.length) {
        const letter = rest[at + 1];
        const isDirective =
          letter === 's' ||
          letter === 'd' ||
          letter === 'i' ||
          letter === 'f' ||
          letter === 'j' ||
          letter === 'o' ||
          letter === 'O';
        text += apply(guest.slice, rest, [0, at]);
        if (letter === '%') text += '%';
        else if (isDirective && next < count) text += show(args[next++]);
        else text += `%${letter}`;
        rest = apply(guest.slice, rest, [at + 2]);
        at = apply(indexOf, rest, ['%']);
      }
      text += rest;
    } else if (count > 0) {
      text = show(args[0]);
    }
    for (; next < count && text.length <= maxLineLength; next++) text += ` ${show(args[next])}`;
    return text;
  }

  const line =
    (level) =>
    (...args) => {
      if (linesLeft <= 0 || guest.isEnded()) return;
      let text = '';
      try {
        text = format(args, args.length);
      } catch {
        text = '[a line that cannot be shown]';
      }
      send(level, text);
    };
  const log = line('log');
  const error = line('error');
  const silent = () => undefined;
  on.note = (text) => send('warn', text);
  define('console', {
    log,
    error,
    info: line('info'),
    warn: line('warn'),
    debug: line('debug'),
    trace: error,
    dir: (value) => log(value),
    table: log,
    group: log,
    groupEnd: silent,
    time: silent,
    timeEnd: silent,
    timeLog: silent,
    count: silent,
    countReset: silent,
    assert: (isTrue, ...args) => {
      if (!isTrue) apply(error, undefined, ['Assertion failed', ...args]);
    },
  });
}
