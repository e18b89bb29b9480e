import { installBuffer } from '../guest/buffer.mjs';
import { installConsole } from '../guest/console.mjs';
import { createGuest, installExactJson, installModules } from '../guest/core.mjs';
import { installRequest } from '../guest/request.mjs';
import { installTimers } from '../guest/timers.mjs';
import { installUrl } from '../guest/url.mjs';

const parts = [
  installConsole,
  installTimers,
  installExactJson,
  installBuffer,
  installUrl,
  installRequest,
  installModules,
];

/** The guest's world as one script: it is run once, and every isolate starts from the heap that it leaves. */
export function createSnapshot(ivm) {
  const installed = parts.map((install) => `(${install})(guest);`).join('\n');
  const code = `(function () { 'use strict'; const guest = (${createGuest})();\n${installed}\n})();`;
  return ivm.Isolate.createSnapshot([{ code, filename: 'portico:guest' }]);
}
