/**
 * @file The program of the C2PA thread. It is text rather than a module, so that it is the same under tsx, in tests and
 * in the built program without its own entry in the build. Plain JavaScript, CommonJS.
 *
 * The engine reads blobs synchronously through FileReaderSync, which browsers' workers have and Node does not; a
 * private map from blob to bytes replaces it.
 */
export const C2PA_WORKER_SOURCE = `
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const MAX_REPORT_CHARACTERS = 16 * 1024 * 1024;
const bytesOf = new WeakMap();
globalThis.fetch = () => Promise.reject(new Error('there is no network here'));
globalThis.FileReaderSync = class {
  readAsArrayBuffer(blob) {
    const bytes = bytesOf.get(blob);
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  }
};
class BytesBlob extends Blob {
  constructor(bytes, type) {
    super([], { type });
    bytesOf.set(this, bytes);
  }
  get size() { return bytesOf.get(this).length; }
  slice(start, end, type) { return new BytesBlob(bytesOf.get(this).subarray(start, end), type); }
}
const engine = import(workerData.moduleUrl).then(async (c2pa) => {
  await c2pa.default({ module_or_path: workerData.wasm });
  return c2pa;
});
parentPort.on('message', async ({ id, bytes, mediaType }) => {
  try {
    const c2pa = await engine;
    const reader = await c2pa.WasmReader.fromBlob(mediaType, new BytesBlob(bytes, mediaType), workerData.settings);
    const json = reader.json();
    reader.free();
    if (json.length > MAX_REPORT_CHARACTERS) throw new Error('its report is too large');
    parentPort.postMessage({ id, json });
  } catch (error) {
    const text = error && error.message ? String(error.name) + ': ' + String(error.message) : String(error);
    parentPort.postMessage({ id, error: text });
  }
});
`;
