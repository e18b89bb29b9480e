/* What there is of Node's `process` and `performance` without a process: no files, no signals, nothing to leave. */
const { now } = Date;
const startedAt = now();
const { queueMicrotask } = globalThis;

const milliseconds = () => now() - startedAt;

function hrtime(before) {
  const ms = milliseconds();
  const [seconds, nanoseconds] = [Math.floor(ms / 1000), (ms % 1000) * 1e6];
  if (before === undefined) return [seconds, nanoseconds];
  const elapsed = (seconds - before[0]) * 1e9 + nanoseconds - before[1];
  return [Math.floor(elapsed / 1e9), elapsed % 1e9];
}
hrtime.bigint = () => BigInt(milliseconds()) * 1000000n;

const process = {
  env: {},
  argv: [],
  version: 'v22.0.0',
  versions: { node: '22.0.0' },
  release: { name: 'node' },
  nextTick: (callback, ...args) => queueMicrotask(() => callback(...args)),
  hrtime,
  uptime: () => milliseconds() / 1000,
  cwd: () => '/',
  emitWarning: (warning) => console.warn(String(warning?.message ?? warning)),
};

const performance = {
  timeOrigin: startedAt,
  now: milliseconds,
  toJSON: () => ({ timeOrigin: startedAt }),
};

export default { process, performance };
