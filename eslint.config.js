/**
 * @file Style, and the direction of imports. The rooms and their arrows stand in electron/tools/structure/rooms.mjs;
 * electron/tools/structure/import-arrows.test.ts proves that a breach is caught.
 */
import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import { mayImport, ROOMS, TEST_ARROWS } from './electron/tools/structure/rooms.mjs';

const arrowPolicy = (room, allowed) => ({
  from: { element: { type: room } },
  allow: { to: { element: { types: { anyOf: allowed } } } },
});

const arrowRule = (extra = []) => [
  'error',
  {
    default: 'disallow',
    policies: [
      { allow: { to: { module: { origin: ['external', 'core'] } } } },
      ...ROOMS.map((room) => arrowPolicy(room.name, mayImport(room))),
      ...extra,
    ],
    message: 'Imports follow the arrows of docs/architecture.md: this one goes against them.',
  },
];

const noElectron = {
  name: 'electron',
  message: 'Only electron/main and electron/preload may import electron: everything else runs under plain Node.',
};
const noNode = { regex: '^node:', message: 'This room is pure: no files, no processes, no Node modules.' };
const nodeNatives = {
  regex: '^(sqlite3|sharp|@tensorflow/tfjs-node.*)$',
  message: 'This room is pure: native parts stay in the engine runtime, the store and the studio.',
};

export default ts.config(
  { ignores: ['out/**', 'dist/**', 'coverage/**', '**/fixtures/**', 'resources/**', 'atelier-demo/**', '.cache/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [...ts.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.ts'] },
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Iterators and interfaces of others often ask for `async` without an `await` in it.
      '@typescript-eslint/require-await': 'off',
      // Our interfaces are records of functions; nothing in them uses `this`.
      '@typescript-eslint/unbound-method': 'off',
      // Knows nothing of what a callback assigns, and then calls a needed test unnecessary.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // `void emitter.on(…)` says that the returned emitter is of no interest.
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // Schemas and their types share one name on purpose (contract/).
      '@typescript-eslint/no-redeclare': 'off',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser }, globals: { ...globals.browser } },
    rules: {
      // TypeScript does this better; the rule does not know runes or types.
      'no-undef': 'off',
      // Props are destructured with `let`; Svelte's own rule knows which of them are bound.
      'prefer-const': 'off',
      'svelte/prefer-const': 'error',
      // svelte-check sees the types inside templates, the linter only some of them.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  {
    files: ['electron/**/*.{ts,mjs}', 'renderer/src/**/*.{ts,svelte}', 'e2e/**/*.ts'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': ROOMS.map(({ name, folder }) => ({
        type: name,
        pattern: `${folder}/**`,
        partialMatch: false,
      })),
      'boundaries/include': ['electron/**', 'renderer/**', 'e2e/**'],
      'import/resolver': { node: { extensions: ['.ts', '.js', '.mjs', '.svelte.ts', '.svelte'] } },
    },
    rules: {
      'boundaries/dependencies': arrowRule(),
    },
  },
  ...TEST_ARROWS.map(({ files, room, imports }) => ({
    files,
    rules: { 'boundaries/dependencies': arrowRule([arrowPolicy(room, imports)]) },
  })),
  {
    files: ['electron/**/*.ts', 'renderer/**/*.{ts,svelte}', 'e2e/**/*.ts'],
    ignores: ['electron/main/**', 'electron/preload/**'],
    rules: { 'no-restricted-imports': ['error', { paths: [noElectron] }] },
  },
  {
    files: [
      'electron/contract/**',
      'electron/method/**',
      'electron/reporting/**',
      'electron/rewards/**',
      'electron/engine/model/**',
      'electron/engine/training/**',
    ],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: [noElectron], patterns: [noNode, nodeNatives] }] },
  },
  {
    files: ['**/*.test.ts', 'e2e/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    // Loops over typed arrays: the bounds are in the loop, and a check per element would cost more than the work.
    files: [
      'electron/engine/**/*.ts',
      'electron/formats/**/*.ts',
      'electron/starter/**/*.ts',
      'electron/tools/**/*.ts',
    ],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      // tfjs infers ranks from assertions in places where the linter sees no need for them.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
    },
  },
  {
    // Programs whose output is the point.
    files: ['electron/tools/**', 'electron/cli/**', 'electron/web-host/**', 'electron/starter/**', 'e2e/**'],
    rules: { 'no-console': 'off' },
  },
  { files: ['*.config.{ts,js}', '**/*.d.ts'], rules: { 'no-restricted-exports': 'off' } },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: { ...globals.node } },
    rules: { eqeqeq: 'error' },
  },
);
