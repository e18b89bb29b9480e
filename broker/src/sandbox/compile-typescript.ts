import { stripTypeScriptTypes } from 'node:module';

export type CompiledScript =
  | { readonly code: string }
  | { readonly error: { readonly message: string; readonly line: number | undefined } };

/**
 * TypeScript to JavaScript, when a script is saved. Types become blanks, so that every line and column stays what it was
 * and stacks point at the text as it was written. Syntax that needs more than that, such as `enum`, is refused.
 */
export function compileTypescript(source: string): CompiledScript {
  const asProgram = strip(source);
  if ('code' in asProgram) return asProgram;
  // An anonymous function is a script on Auth0, but not a program.
  const asExpression = strip(`(${source.replace(lastSemicolon, ' ')}\n)`);
  return 'code' in asExpression ? { code: asExpression.code.slice(1, -2) } : asProgram;
}

/** Ends a statement, which an expression in parentheses is not. */
const lastSemicolon = /;(?=(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*$)/;

function strip(source: string): CompiledScript {
  const { emitWarning } = process;
  try {
    // Node says at the first call that the function is new; operators can do nothing with that.
    process.emitWarning = () => undefined;
    return { code: stripTypeScriptTypes(source, { mode: 'strip' }) };
  } catch (error) {
    const { message, stack = '' } = error as Error;
    const line = /^[^\n]*:(\d+)\n/.exec(stack)?.[1];
    return { error: { message, line: line === undefined ? undefined : Number(line) } };
  } finally {
    process.emitWarning = emitWarning;
  }
}
