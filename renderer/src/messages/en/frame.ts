/** @file Text for the frame around every screen. */

export const nav = {
  label: 'Stages of the work',
  more: 'More screens',
  home: 'Home',
  datasets: 'Datasets',
  ledger: 'Ledger',
  rewards: 'Rewards',
  train: 'Train',
  runs: 'Runs',
  compare: 'Compare',
  exam: 'Exam',
  playground: 'Playground',
  export: 'Export',
  verify: 'Verify',
  settings: 'Settings',
} as const;

/** The parts of the work, in the bar. */
export const stages = {
  names: {
    pictures: 'Pictures',
    rights: 'Rights',
    teach: 'Teach',
    results: 'Results',
    share: 'Share',
  },
  /** What each stage answers. */
  questions: {
    pictures: 'What should it learn from?',
    rights: 'May you train on it?',
    teach: 'How should it learn?',
    results: 'Did it help?',
    share: 'Can others check it?',
  },
  /** Names the screens inside a stage. */
  inside: (stage: string) => `Screens in ${stage}`,
  next: (stage: string) => `Next: ${stage}`,
} as const;

export const common = {
  close: 'Close',
  cancel: 'Cancel',
  tryAgain: 'Try again',
  loading: 'Loading…',
  none: '–',
  done: 'Done',
  skip: 'Skip to content',
  table: 'Table',
  chart: 'Chart',
  viewAsTable: 'View as table',
  viewAsChart: 'View as chart',
  timeLeft: (text: string) => `${text} left`,
  page: (position: string, total: string) => `Page ${position} of ${total}`,
  previousPage: 'Previous page',
  nextPage: 'Next page',
  undo: 'Undo',
  undoing: 'Undoing…',
  undone: 'Undone.',
  dismiss: 'Dismiss',
  reveal: 'Show in folder',
  choose: { folder: 'Choose folder…', file: 'Choose file…' },
  browse: {
    button: 'Browse…',
    folderTitle: 'Choose a folder on this machine',
    fileTitle: 'Choose a file on this machine',
    places: 'Places',
    place: { home: () => 'Home folder', disks: (path: string) => `Disks in ${path}` },
    up: 'Up one folder',
    contents: (path: string) => `Folders in ${path}`,
    empty: 'There are no folders in here.',
    leftOut: (count: string) => `${count} more are not listed. Type the path to reach them.`,
    pictures: (many: number, count: string) =>
      many === 0
        ? 'No pictures directly in this folder'
        : many === 1
          ? '1 picture in this folder'
          : `${count} pictures in this folder`,
    useFolder: 'Use this folder',
  },
  dropNow: 'Drop to use this',
  dropNoPath: 'The browser does not reveal the path of a dropped file. Use “Browse…” or type the path.',
} as const;

export const errors = {
  noConnection: 'The studio is not responding.',
  noConnectionRemedy: 'It may still be starting, or it may have been closed. This page keeps trying.',
  row: (row: number) => `row ${String(row)}`,
  field: (field: string) => `field “${field}”`,
  unknownScreen: 'This screen does not exist',
  unknownScreenText: 'The address may come from a newer version of Atelier.',
} as const;

export const palette = {
  open: 'Go to…',
  title: 'Go to a screen, dataset or run, or run a command',
  placeholder: 'Screen, command, dataset or run',
  empty: 'Nothing matches that name.',
  screens: 'Screens',
  runs: 'Runs',
  datasets: 'Datasets',
} as const;

export const connection = {
  opening: 'Opening your studio …',
  lost: 'No connection to the studio. Trying again…',
} as const;
