import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { createFrameReader, encodeFrame, frameKinds } from '../frames.mjs';
import { answerCrypto } from './answer-crypto.mjs';
import { createBundledModules } from './bundled-modules.mjs';
import { createGate } from './gate.mjs';
import { parseUrl } from './parse-url.mjs';
import { createRun } from './run.mjs';
import { signHs256 } from './sign-hs256.mjs';
import { createWarmIsolates } from './warm-isolates.mjs';

/*
 * The script host: the process in which scripts run. It has no network, no environment, no files and no keys; all it
 * has is the channel on descriptor 3. Plain JavaScript, because --jitless takes WebAssembly away, and with it Node's
 * type stripping.
 *
 * argv: the path of isolated-vm's addon, the limits as JSON.
 */

const channelDescriptor = 3;
const entriesAtOnce = 8;
const [addonPath, limitsText] = process.argv.slice(2);
const limits = JSON.parse(limitsText);
const modules = createBundledModules(join(import.meta.dirname, '..', 'dist'));
/** npm modules that the broker gave, by their hashes. */
const givenModules = new Map();
/** What the guest asks of the host itself, and not of one run. */
const answers = {
  __proto__: null,
  url: parseUrl,
  hmac: signHs256,
  crypto: answerCrypto,
  resolve: modules.resolve,
  module: modules.read,
  given: (hash) => givenModules.get(hash) ?? '',
};
const runs = new Map();
const gate = createGate(entriesAtOnce);
const channel = new Socket({ fd: channelDescriptor, readable: true, writable: true });

const send = (kind, run, head, body) => write(encodeFrame(kind, run, head, body));

/** At once, where the channel takes it: without a JIT a stream costs as much as the run. What is left over waits. */
function write(frame) {
  const written = channel.writableLength === 0 ? writeNow(frame) : 0;
  if (written < frame.length) channel.write(frame.subarray(written));
}

function writeNow(frame) {
  try {
    return writeSync(channelDescriptor, frame);
  } catch {
    // Full, or gone: the stream waits, or says so.
    return 0;
  }
}

/** Leaves at once. As the first process of a namespace we are immune to our own SIGKILL; an abort always works. */
function leave() {
  process.abort();
}

function loadIsolatedVm() {
  const addon = { exports: {} };
  process.dlopen(addon, addonPath);
  return addon.exports.ivm;
}

function start(isolates, id, head, body) {
  const { filename, kind, sourceBytes, worldBytes } = JSON.parse(head);
  const source = body.toString('utf8', 0, sourceBytes);
  const world = body.toString('utf8', sourceBytes, sourceBytes + worldBytes);
  // The head tells the lengths: two scripts never make the same key.
  const seat = isolates.take(`${head}${source}${world}`);
  const run = createRun({
    seat,
    gate,
    limits,
    filename,
    kind,
    request: (request, requestHead, requestBody) =>
      send(frameKinds.request, id, `[${request},${requestHead}]`, requestBody),
    abort: (request) => send(frameKinds.request, id, `[${request},null]`),
    consoleLine: (level, text) => send(frameKinds.console, id, JSON.stringify([level, text])),
    finish(outcome, value) {
      runs.delete(id);
      send(frameKinds.outcome, id, JSON.stringify(outcome), value);
    },
    leave() {
      seat.run = undefined;
      isolates.leave(seat);
    },
    dispose: () => isolates.dispose(seat),
    stuck: () => send(frameKinds.stuck, id, ''),
  });
  seat.run = { id, onCall: run.onCall };
  runs.set(id, run);
  run.start(source, body.toString('utf8', sourceBytes + worldBytes), world);
}

function answer(id, head, body) {
  const { request, isBinary, told } = JSON.parse(head);
  runs.get(id)?.answer(request, told, body.toString(isBinary ? 'latin1' : 'utf8'));
}

function boot() {
  const isolates = createWarmIsolates(loadIsolatedVm(), {
    memoryMb: limits.memoryMb,
    answersEverything: limits.answersEverything === true,
    onCall: (run, op, first, second) => answers[op]?.(first, second, run) ?? run.onCall(op, first, second),
    onFatal(run) {
      // V8 sleeps for ever after this returns; what is written must be out before.
      writeSync(channelDescriptor, encodeFrame(frameKinds.fatal, run?.id ?? 0, ''));
      leave();
    },
  });
  const read = createFrameReader(limits.maxFrameBytes, ({ kind, run, head, body }) => {
    if (kind === frameKinds.run) start(isolates, run, head, body);
    if (kind === frameKinds.module) givenModules.set(head, body.toString('utf8'));
    if (kind === frameKinds.answer) answer(run, head, body);
  });
  channel.on('data', read);
  send(frameKinds.ready, 0, '');
}

channel.on('error', leave);
channel.on('close', leave);
try {
  boot();
} catch (error) {
  writeSync(channelDescriptor, encodeFrame(frameKinds.broken, 0, JSON.stringify(String(error.message))));
  process.exit(1);
}
