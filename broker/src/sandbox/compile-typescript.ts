import { createRequire } from 'node:module';
import { attachMap } from './compiled-script.ts';

export type CompiledScript = { readonly code: string } | { readonly error: CompileError };
type CompileError = { readonly message: string; readonly line: number | undefined };

const require = createRequire(import.meta.url);

/**
 * TypeScript to JavaScript, when a script is saved or read from a file. The code carries its TypeScript, and errors of its
 * runs point into that. `import` becomes `require`, `export` becomes `module.exports`.
 */
export function compileTypescript(source: string): CompiledScript {
  // Auth0: a script is an expression, mostly a function without a name.
  const asExpression = transform(inParentheses(source));
  if ('code' in asExpression) {
    const { code, map } = asExpression;
    return { code: attachMap({ code, map, original: source, isInParentheses: true }) };
  }
  const asProgram = transform(source);
  if ('code' in asProgram) {
    const { code, map } = asProgram;
    return { code: attachMap({ ...toExpression(code), map, original: source, isInParentheses: false }) };
  }
  // The reading that got further is the one that was meant.
  const { message, line } = asExpression.offset > asProgram.offset ? asExpression : asProgram;
  return { error: { message, line } };
}

const inParentheses = (text: string): string => `(${text.replace(lastSemicolon, ' ')}\n)`;

/** Ends a statement, which an expression in parentheses is not. */
const lastSemicolon = /;(?=(?:\s|\/\/[^\n]*\n|\/\*[^*]*\*+(?:[^*/][^*]*\*+)*\/)*(?:\/\/[^\n]*)?$)/;

type Transformed =
  | { readonly code: string; readonly map: string }
  | { readonly message: string; readonly line: number | undefined; readonly offset: number };

function transform(text: string): Transformed {
  // Only who has TypeScript waits for the compiler.
  const { transformSync } = require('esbuild') as typeof import('esbuild');
  try {
    return transformSync(text, {
      loader: 'ts',
      format: 'cjs',
      // What a script host runs.
      target: 'node24',
      sourcemap: 'external',
      sourcefile: 'script.ts',
      charset: 'utf8',
      logLevel: 'silent',
    });
  } catch (error) {
    const [first] = isRefusal(error) ? error.errors : [];
    if (first === undefined) throw error;
    const { text: message, location } = first;
    return { message, line: location?.line, offset: (location?.line ?? 0) * maxLineLength + (location?.column ?? 0) };
  }
}

const maxLineLength = 1_000_000;

type Refusal = { readonly text: string; readonly location: { readonly line: number; readonly column: number } | null };

const isRefusal = (error: unknown): error is { readonly errors: readonly Refusal[] } =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors);

/** A function of the program's own, as the compiler prints it. */
const ownFunctions =
  /^(?:async )?function ([\w$]+)\(|^(?:const|let|var) ([\w$]+) = (?:async )?(?:function\b|\(|[\w$]+ =>)/gm;
const entryNames: readonly (string | undefined)[] = [
  'fetchUserProfile',
  'authorizationUrl',
  'tokenExchange',
  'getLogoutUrl',
];

/** What is left without the types may be one expression. Several statements are made one: its value is what they export, else the function that the program is about. */
function toExpression(code: string): { readonly code: string; readonly linesBefore: number } {
  if ('code' in transform(inParentheses(code))) return { code, linesBefore: 0 };
  const names = [...code.matchAll(ownFunctions)].map(([, declared, assigned]) => declared ?? assigned);
  const entry = /\bexports\b/.test(code)
    ? undefined
    : (names.find((name) => entryNames.includes(name)) ?? names.at(-1));
  return { code: `(() => {\n${code}return ${entry ?? ''};\n})()`, linesBefore: 1 };
}
