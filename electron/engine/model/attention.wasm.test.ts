/** @file The same on WebAssembly. */
process.env['ATELIER_BACKEND'] = 'wasm';
await import('./attention.test.ts');
export {};
