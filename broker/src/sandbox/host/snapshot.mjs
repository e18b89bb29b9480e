import { setFlagsFromString } from 'node:v8';
import { installAction } from '../guest/action.mjs';
import { installAnswersEverything } from '../guest/answers-everything.mjs';
import { installBuffer } from '../guest/buffer.mjs';
import { installBufferNumbers } from '../guest/buffer-numbers.mjs';
import { installCodec } from '../guest/codec.mjs';
import { installConsole } from '../guest/console.mjs';
import { createGuest } from '../guest/core.mjs';
import { installExactJson } from '../guest/exact-json.mjs';
import { installGivenModules } from '../guest/given-modules.mjs';
import { installModules } from '../guest/module-exports.mjs';
import { installRedirectTokens } from '../guest/redirect-tokens.mjs';
import { installRequest } from '../guest/request.mjs';
import { installRequestOptions } from '../guest/request-options.mjs';
import { installRequire } from '../guest/require.mjs';
import { installRule } from '../guest/rule.mjs';
import { installTimers } from '../guest/timers.mjs';
import { installUrl } from '../guest/url.mjs';

const parts = [
  installConsole,
  installTimers,
  installExactJson,
  installCodec,
  installBufferNumbers,
  installBuffer,
  installUrl,
  installRequestOptions,
  installRequest,
  installModules,
  installRequire,
  installGivenModules,
  installRedirectTokens,
  installAction,
  installRule,
];

/**
 * The guest's world as one script: it is run once, and every isolate starts from the heap that it leaves.
 *
 * @param {object} ivm
 * @param {{ answersEverything: boolean, asked: readonly [string, string, string][] }} options `answersEverything` is for
 * the corpus command only; `asked`: modules that have run in it, as they were asked of the host
 */
export function createSnapshot(ivm, { answersEverything, asked }) {
  const installed = [...parts, ...(answersEverything ? [installAnswersEverything] : [])]
    .map((install) => `(${install})(guest);`)
    .join('\n');
  const code = `(function () { 'use strict'; const guest = (${createGuest})();\n${installed}\n${runModules(asked)}\n})();`;
  // V8 would sort every table of the snapshot anew for each context, by a hash of its own. All isolates of a process have
  // one seed for their hashes anyway, made at random when it starts; a snapshot of another seed would not be readable.
  setFlagsFromString('--rehash-snapshot');
  try {
    return ivm.Isolate.createSnapshot([{ code, filename: 'portico:guest' }], warmUp);
  } finally {
    setFlagsFromString('--no-rehash-snapshot');
  }
}

const runModules = (asked) => (asked.length === 0 ? '' : `guest.runModules(${JSON.stringify(asked)});`);

/** A first run of the usual kind. V8 keeps the code that it compiled for it in the snapshot, but none of its state. */
const warmUp = `(function () {
  const enter = __enter(function () { return ''; });
  const given = { kind: 'callback', arguments: ['', {}], maxOutputLength: 1000, maxRequests: 5, maxConsoleLines: 5 };
  enter('start', function (accessToken, context, callback) {
    const options = { url: 'http://x/', headers: { Authorization: 'Bearer x', Accept: 'x' }, json: true, qs: { a: 1 } };
    console.log('warm', accessToken, context);
    request.get(options, function () {
      setTimeout(function () {
        request('http://x', function (error, response, body) {
          callback(null, JSON.parse(body));
        });
      }, 1);
    });
  }, JSON.stringify(given), '{}');
  enter('answer', 1, '{"status":200,"headers":{"a":"b"}}', '{"id":1234567890123456789}');
  enter('timer', 1);
  enter('answer', 2, '{"error":{"message":"x","code":"ETIMEDOUT"}}', '');
  enter('answer', 2, '{"status":200,"headers":{}}', '{}');
})()`;
