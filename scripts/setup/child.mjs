import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root, SetupError } from './progress.mjs';

/** Runs a program quietly; resolves to its exit code and what it printed. A missing program is code 127. */
export function capture(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', (error) => resolve({ code: 127, stdout, output: output + error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, output }));
  });
}

/** The npm that started us, or the one on the path; never a Node.js inside node_modules, which npm may be replacing. */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return [process.env.npm_node_execpath ?? process.execPath, [script], {}];
  return process.platform === 'win32' ? ['npm.cmd', [], { shell: true }] : ['npm', [], {}];
}

const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network|ERR_SOCKET_TIMEOUT/;

/** Runs npm; a failure is told in words before what npm itself says. */
export async function npm(args) {
  const [program, before, options] = npmCommand();
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  const { code, output } = await capture(program, [...before, ...args, ...quiet], options);
  if (code === 0) return;
  if (code === 127) throw new SetupError('npm was not found. It comes with Node.js; install both and try again.');
  const said = output.trim().split('\n').slice(0, 12).join('\n');
  const why = unreachable.test(output)
    ? 'The package registry did not answer. Check the network (and HTTPS_PROXY, if you use a proxy), then try again.'
    : `npm ${args[0]} failed.`;
  throw new SetupError(`${why}\n\n${said}`);
}

/** Becomes the command: its signals, its terminal, its exit code. */
export function runToEnd(program, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env, stdio: 'inherit' });
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const forward = (signal) => child.kill(signal);
    for (const signal of signals) process.on(signal, forward);
    child.on('error', (error) => reject(new SetupError(`${args[0]} could not be started: ${error.message}`)));
    child.on('close', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
      resolve();
    });
  });
}
