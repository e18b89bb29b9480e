import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { root } from '../support/documents.ts';

const run = promisify(execFile);

test('in a checkout that was set up, npx portico is the command', async () => {
  const { stdout } = await run(join(root, 'node_modules/.bin/portico'), ['completion', 'bash']);
  expect(stdout).toContain('complete -F _portico portico');
  await expect(run(join(root, 'node_modules/.bin/portico'), ['atempts'])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("unknown command 'atempts'"),
  });
});
