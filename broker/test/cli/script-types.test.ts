import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compileTypescript } from '../../src/sandbox/compile-typescript.ts';
import { codeOf, originalOf } from '../../src/sandbox/compiled-script.ts';
import { read, root } from '../support/documents.ts';

const { resolve } = createRequire(import.meta.url);
const compiler = join(dirname(resolve('typescript/package.json')), 'bin/tsc');
// Below the workspace, so that `portico/types` is found as it is in a project that installed it.
const project = mkdtempSync(join(root, 'broker/test/cli/project-'));
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** What the compiler says about a file that a person wrote. */
function problemsOf(file: string): string {
  const config = {
    compilerOptions: {
      target: 'esnext',
      module: 'nodenext',
      lib: ['esnext', 'dom'],
      types: [],
      noEmit: true,
      strict: true,
    },
    files: [relative(project, file)],
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
  try {
    return execFileSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe('portico/types', () => {
  test.each(['fetch-user-profile', 'post-login'])(
    'the example %s passes the compiler, and what is saved has no types',
    (name) => {
      expect(problemsOf(join(root, `docs/examples/${name}.ts`))).toBe('');
      const source = read(`docs/examples/${name}.ts`);
      const compiled = compileTypescript(source);
      const code = 'code' in compiled ? compiled.code : compiled.error.message;
      expect(codeOf(code)).not.toMatch(/portico\/types|: string|: PostLogin/);
      expect(originalOf(code)).toBe(source);
    },
  );

  test('what few scripts ask of request has its types', () => {
    const file = join(project, 'right.ts');
    writeFileSync(
      file,
      `import type { FetchUserProfile } from 'portico/types';
export const profile: FetchUserProfile = (token, ctx, callback) => {
  const jar = request.jar();
  jar.setCookie(request.cookie('a=1'), 'https://example.com');
  const formData = { file: { value: new Uint8Array(1), options: { filename: 'a' } } };
  request.post({ url: 'https://example.com', jar, formData, oauth: { token, signature_method: 'PLAINTEXT' } });
  request.post('https://example.com', (error, response, body) => callback(error, body)).auth('me', 'x').form({ a: 1 });
  request.post('https://example.com').form().append('name', 'value');
};
`,
    );
    expect(problemsOf(file)).toBe('');
  });

  test('the compiler finds a wrong name in event, api, request and callback', () => {
    const file = join(project, 'wrong.ts');
    writeFileSync(
      file,
      `import type { FetchUserProfile, PostLoginApi, PostLoginEvent } from 'portico/types';
export const act = (event: PostLoginEvent, api: PostLoginApi) => api.acess.deny(event.user.user_id);
export const read = (event: PostLoginEvent) => event.clint;
export const profile: FetchUserProfile = (token, ctx, callback) => {
  request.gett('https://example.com');
  callback(null, { user_id: true });
};
`,
    );
    const lines = problemsOf(file).match(/wrong\.ts\((\d+)/g);
    expect(lines).toEqual(['wrong.ts(2', 'wrong.ts(3', 'wrong.ts(5', 'wrong.ts(6']);
  });
});
