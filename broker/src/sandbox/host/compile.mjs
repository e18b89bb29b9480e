const maxExpressionTails = 8;

/** What stands before and behind a script. The first line keeps its columns, and a comment may end the last. */
const expression = ['(', '\n)'];
const commonJs = ['(function(exports,module,require){', '\n})'];

const compileBetween = (isolate, [before, behind], source, filename) =>
  isolate.compileScriptSync(`${before}${source}${behind}`, { filename, columnOffset: -before.length });

/** Without one semicolon or comment that follows the expression; undefined if there is none. */
function withoutOneTail(source) {
  const text = source.trimEnd();
  if (text.endsWith(';')) return text.slice(0, -1);
  if (text.endsWith('*/')) return text.slice(0, Math.max(0, text.lastIndexOf('/*')));
  // The last one first: `//` may stand in a string of the same line.
  const comment = text.lastIndexOf('//');
  return comment > text.lastIndexOf('\n') ? text.slice(0, comment) : undefined;
}

/**
 * @returns {{ script: object } | { error: { message: string, line: number, column: number } }}
 */
export function compile(isolate, { source, filename, kind }) {
  const wrapping = kind === 'action' ? commonJs : expression;
  const maxTails = kind === 'action' ? 0 : maxExpressionTails;
  let text = source;
  let firstError;
  for (let tail = 0; tail <= maxTails && text !== undefined; tail++) {
    try {
      return { script: compileBetween(isolate, wrapping, text, filename) };
    } catch (error) {
      // The first message is about the text as it was written.
      firstError ??= error;
      text = withoutOneTail(text);
    }
  }
  return { error: describeSyntaxError(firstError, source) };
}

/** V8's place is in the message only, and may lie behind the last line for a text that is cut off. */
function describeSyntaxError(error, source) {
  const text = String(error.message);
  const place = / \[[^\]]*:(\d+):(\d+)\]$/.exec(text);
  const lines = source.split('\n');
  const line = place === null ? 1 : Math.min(Number(place[1]), lines.length);
  const isBehind = place !== null && Number(place[1]) > lines.length;
  const column = place === null ? 1 : isBehind ? lines[line - 1].length + 1 : Math.max(1, Number(place[2]));
  return { message: place === null ? text : text.slice(0, place.index), line, column };
}
