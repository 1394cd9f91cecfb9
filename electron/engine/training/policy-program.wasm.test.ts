/** @file The same golden tests on WebAssembly, the fallback where native TensorFlow cannot be had. */
process.env['ATELIER_BACKEND'] = 'wasm';
await import('./policy-program.golden.test.ts');
export {};
