/** @file Svelte needs no preprocessing: it reads TypeScript and plain CSS itself. */
export default { compilerOptions: { runes: true } };
