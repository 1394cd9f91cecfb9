/**
 * @file The rooms of the house: what each one does, and which others it may import. The lint rule, the drawing in
 * docs/architecture.md, and the tests beside this file all read this table.
 *
 * The first room whose folder matches a file is the file's room. Every room may import itself, the contract and the
 * method. Plain JavaScript, because eslint.config.js loads it.
 */

/**
 * @typedef {object} Room
 * @property {string} name
 * @property {string} folder relative to the root of the repository
 * @property {string} does one sentence
 * @property {string[]} imports names of other rooms
 * @property {Record<string, string>} [parts] subfolder → what it holds
 */

/** @type {Room[]} */
export const ROOMS = [
  {
    name: 'main',
    folder: 'electron/main',
    does: 'The desktop app: windows, menus and protocols around the studio.',
    imports: ['web-host', 'studio', 'engine-client', 'pictures', 'processes', 'languages'],
  },
  {
    name: 'preload',
    folder: 'electron/preload',
    does: 'Hands the page one message port and one schema-checked channel, and nothing else.',
    imports: [],
  },
  {
    name: 'web-host',
    folder: 'electron/web-host',
    does: 'The studio in an ordinary browser: a loopback server that asks for a token.',
    imports: ['studio', 'pictures'],
  },
  {
    name: 'cli',
    folder: 'electron/cli',
    does: 'The command line: parses arguments, calls the contract, prints the answer.',
    imports: ['web-host', 'studio', 'engine-client', 'pictures', 'processes', 'reporting'],
    parts: {
      commands: 'one file for each command',
      demo: 'what `atelier demo` does, and its report',
      study: 'what `atelier study` does, and its page',
    },
  },
  {
    name: 'contract',
    folder: 'electron/contract',
    does: 'Every command, query and event as a schema. Schemas only.',
    imports: [],
    parts: {
      api: 'every procedure of the studio, on one screen',
      desktop: 'what the page may ask of the desktop app itself',
      model: 'the nouns: dataset, recipe, run, evaluation, export …',
      engine: 'jobs and events that cross the process boundary',
      errors: 'the errors you can meet, and how they cross a boundary',
    },
  },
  {
    name: 'method',
    folder: 'electron/method',
    does: 'The method as pure functions: KL schedules, defaults, prompt template, statistics.',
    imports: [],
  },
  {
    name: 'languages',
    folder: 'electron/languages',
    does: 'What the studio says, in other languages than English. Pure functions.',
    imports: [],
    parts: { de: 'German: a template for each sentence' },
  },
  {
    name: 'processes',
    folder: 'electron/processes',
    does: 'Starts a child process under plain Node, the same way from every door.',
    imports: [],
  },
  {
    name: 'pictures',
    folder: 'electron/pictures',
    does: 'Reads and draws pictures in a process of its own.',
    imports: ['processes', 'formats', 'starter'],
  },
  {
    name: 'engine-client',
    folder: 'electron/studio/engine-client',
    does: 'Starts the engine process, watches it, and speaks to it.',
    imports: ['processes'],
  },
  {
    name: 'studio',
    folder: 'electron/studio',
    does: 'What each command of the contract does.',
    imports: [
      'store',
      'provenance',
      'rewards',
      'formats',
      'reporting',
      'starter',
      'engine-client',
      'pictures',
      'processes',
    ],
    parts: {
      datasets: 'import, edit and analysis of datasets',
      labels: 'pictures that are being labelled, proposals of a model, answers as tables',
      recipes: 'completes a recipe and checks it against model, data and rewards',
      queue: 'one worker that takes what waits, in order',
      runs: 'starts, follows, resumes and diagnoses training',
      evaluations: 'measures a model, and compares two measurements question by question',
      experiments: 'sweeps, contest and exam: many runs with one question',
      contribution: 'which image taught the model how much',
      exports: 'builds a bundle, and verifies one',
      reports: 'a run or an experiment as one page',
      handoff: 'writes a run as a job folder for another machine',
      ledger: 'what the licences of a dataset allow',
      models: 'base models that you added',
      backup: 'writes a backup of the data folder, and restores one',
      playground: 'one question, answered by base and tuned model',
      rewards: 'loads your own rewards, and tries rewards on sample answers',
      system: 'status, doctor, storage, preferences, audit log',
    },
  },
  {
    name: 'store',
    folder: 'electron/store',
    does: 'The experiment store: SQLite, images by content, and the audit log. The only room that knows SQL.',
    imports: [],
    parts: {
      connection: 'opens the database and the blobs; transactions and ownership',
      migrations: 'how an older store becomes a current one',
      datasets: 'samples, edits and statements about images',
      labels: 'sheets of pictures that are being labelled',
      import: 'what an import keeps until all of it is read',
      runs: 'runs, their steps and their completions',
      evaluations: 'evaluations and their items',
      experiments: 'experiments and their runs',
      queue: 'what waits',
      exports: 'exports that were made',
      handoffs: 'job folders that were made',
      models: 'models that were added',
      audit: 'the hash-chained audit log',
      backup: 'whole copies of the database',
    },
  },
  {
    name: 'provenance',
    folder: 'electron/provenance',
    does: 'Licences, opt-outs, documents and signatures. Knows no database.',
    imports: ['reporting'],
    parts: {
      signals: 'what a file says about its own use',
      ledger: 'what licences allow, with the reason',
      documents: 'model card, SPDX, CycloneDX, Croissant and the others',
      signing: 'canonical JSON, DSSE envelopes, OpenSSF model signing',
    },
  },
  {
    name: 'rewards',
    folder: 'electron/rewards',
    does: 'Reads an answer and scores it. Pure functions.',
    imports: [],
  },
  {
    name: 'formats',
    folder: 'electron/formats',
    does: 'Files of other tools: safetensors, tokenizer, PEFT, tables, images.',
    imports: [],
    parts: {
      rows: 'tables of samples, whatever their format',
      families: 'the configuration and tensors of each model family',
      gguf: 'models and adapters as files for llama.cpp',
      mlx: 'models as mlx-vlm loads them',
    },
  },
  {
    name: 'reporting',
    folder: 'electron/reporting',
    does: 'Figures in words, tables and charts for reports, terminal and page. Pure functions.',
    imports: [],
    parts: { report: 'a run or an experiment as one HTML page' },
  },
  {
    name: 'engine',
    folder: 'electron/engine',
    does: 'A process of its own that knows tensors, but no database and no screen.',
    imports: ['rewards', 'formats', 'processes'],
    parts: {
      service: 'the entry of the process, and its end of the link',
      jobs: 'train, replay, plan, evaluate, sample, generate, score, judge, merge, gguf: a file for each',
      memory: 'estimates the memory of a run, and keeps a trainer within it',
      trainer: 'a policy in training: its setup, its program, one step after another',
      policy: 'a checkpoint made ready to run',
      training: 'GRPO, SFT, updates and rollouts',
      model: 'the vision-language model as plain functions of tensors',
      native: 'C++: our own ops for TensorFlow, which set-up compiles',
      runtime: 'TensorFlow, and functions compiled into programs',
      rewards: 'your own rewards, in a sandbox',
    },
  },
  {
    name: 'starter',
    folder: 'electron/starter',
    does: 'Draws the starter pictures and words their questions.',
    imports: ['formats', 'rewards'],
  },
  {
    name: 'setup',
    folder: 'electron/tools/setup',
    does: 'Prepares a fresh clone: plain Node until the packages are installed.',
    imports: [],
    parts: {
      packages: 'npm packages, SQLite, the browser for tests',
      tensorflow: "TensorFlow's native part",
      electron: 'an Electron and a display for the desktop tests',
      packaging: 'the desktop app as a package, and its test',
    },
  },
  {
    name: 'bench',
    folder: 'electron/tools/bench',
    does: 'Measures the engine beside the Python stack, and import and contribution at size.',
    imports: ['engine', 'engine-client', 'studio', 'store', 'formats', 'reporting', 'pictures', 'processes'],
    parts: {
      python: 'what the Python stack does in the same measurement',
      real: 'published weights beside transformers, and exports in llama.cpp',
    },
  },
  {
    name: 'starter-maker',
    folder: 'electron/tools/starter',
    does: 'Builds the starter datasets and pre-trains the starter models.',
    imports: ['starter', 'engine', 'formats', 'rewards', 'reporting'],
  },
  {
    name: 'campaign',
    folder: 'electron/tools/campaign',
    does: 'Attacks the built program: kills, power loss, fuzz, faults, offline, soak. Reports what held.',
    imports: [
      'bench',
      'cli',
      'studio',
      'store',
      'provenance',
      'formats',
      'rewards',
      'engine',
      'starter',
      'reporting',
      'processes',
      'pictures',
    ],
    parts: {
      kills: 'SIGKILL of engine, program and host at random moments',
      power: 'the files as they would stand after the power failed, at every flush to the disk',
      fuzz: 'damaged files and odd messages for every reader',
      faults: 'full disks, lost rights, locks, clocks and damaged files',
      offline: 'the whole job without a network, under a trace of its connections',
      soak: 'many short runs in a row, with pages watching',
    },
  },
  {
    name: 'text-collector',
    folder: 'electron/tools/languages',
    does: 'Collects what the studio says from its sources, so that no sentence lacks a translation.',
    imports: ['languages'],
  },
  {
    name: 'structure',
    folder: 'electron/tools/structure',
    does: 'Holds the drawing of the house against the code: rooms, arrows, cycles.',
    imports: [],
  },
  {
    name: 'renderer',
    folder: 'renderer',
    does: 'The page (Svelte 5), one folder for each feature.',
    imports: ['reporting', 'languages'],
    parts: {
      'src/api': 'the connection to the studio',
      'src/navigation': 'addresses: the table of routes, and the address that is open',
      'src/ui': 'parts that several features share: tables, charts, forms, feedback, style',
      'src/features': 'one folder for each screen: components, state and tests',
      'src/shell': 'the frame around the screens: menu, command palette, what each route shows',
      'src/messages': 'every word that the page shows',
    },
  },
  {
    name: 'e2e',
    folder: 'e2e',
    does: 'Drives the built studio in a real browser; reads the words of the page, so that better wording breaks nothing.',
    imports: [
      'main',
      'cli',
      'web-host',
      'studio',
      'store',
      'starter',
      'setup',
      'bench',
      'campaign',
      'renderer',
      'languages',
    ],
  },
];

/** What tests may import beyond their room. */
export const TEST_ARROWS = [
  // They compare the three doors with each other.
  { files: ['electron/main/**/*.test.ts'], room: 'main', imports: ['cli'] },
  // They make what the build makes for job folders.
  { files: ['electron/studio/handoff/*.test.ts'], room: 'studio', imports: ['setup'] },
  // They parse the defaults with the schemas.
  { files: ['electron/contract/**/*.test.ts'], room: 'contract', imports: ['method'] },
];

/** Rooms that every room may import. */
export const COMMON_ROOMS = ['contract', 'method'];

/**
 * The rooms that a room may import, itself and the common ones included. The contract holds schemas and imports nothing.
 * @param {Room} room
 */
export function mayImport(room) {
  return [...new Set([room.name, ...(room.name === 'contract' ? [] : COMMON_ROOMS), ...room.imports])];
}
