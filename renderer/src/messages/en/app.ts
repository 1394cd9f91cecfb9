/** @file The texts of what is everywhere: first steps, keyboard, dropping, commands. */

export const tour = {
  label: 'First steps',
  offer: 'Show me around',
  count: (at: number, of: number) => `${String(at)} of ${String(of)}`,
  next: 'Next',
  back: 'Back',
  skip: 'Skip',
  done: 'Done',
  steps: {
    home: {
      title: 'A workroom of your own',
      text: 'Here you teach a model to read your pictures. Everything happens on this machine; nothing is sent anywhere. The starter project takes you once around.',
    },
    datasets: {
      title: 'Pictures on the wall',
      text: 'A dataset is pictures with questions and answers. Hang the starter pictures to have something to look at: who made them and under which licence is shown with each.',
      action: 'Hang the starter pictures',
    },
    rewards: {
      title: 'What counts as good',
      text: 'The model tries several answers; rewards say which are better. The bench lets you see whether they tell answers apart before you spend time on training.',
    },
    train: {
      title: 'Start with confidence',
      text: 'Choose model, data, method and rewards. The card at the side says when you are ready, how long it takes and what the licences allow.',
    },
    runs: {
      title: 'Is it learning?',
      text: 'A run shows its reward live, notes in plain words, and every answer beside the picture. It can be stopped and resumed at any time.',
    },
    verify: {
      title: 'Take it home, with its origin',
      text: 'Export writes the adapter with its provenance. Anyone can check such a bundle here, from the weights back to the pictures.',
    },
  },
} as const;

export const help = {
  title: 'Keyboard',
  open: 'Keyboard shortcuts',
  anywhere: 'Anywhere',
  pictures: 'In walls of pictures',
  charts: 'In lists and sliders',
  keys: {
    palette: 'Go to any screen, run, dataset or command',
    help: 'This page',
    undo: 'Take back what was just done',
    escape: 'Close what is open',
    tab: 'To the next control; with Shift to the one before',
    arrows: 'Move the choice',
    page: 'A screenful up or down',
    ends: 'To the first or the last',
    slider: 'One step up or down; with Page keys more',
  },
} as const;

export const dropping = {
  title: 'Let go anywhere',
  text: 'A folder or table of pictures is imported, an exported bundle is checked.',
} as const;

export const commands = {
  heading: 'Commands',
  import: 'Import pictures',
  newRun: 'Set up a training run',
  newestRun: 'Open the newest run',
  verify: 'Verify a bundle',
  light: 'Light appearance',
  dark: 'Dark appearance',
  system: 'Appearance as the system',
  simple: 'Simple settings',
  advanced: 'Advanced settings',
  tour: 'First steps: show me around',
  help: 'Keyboard shortcuts',
  stop: (name: string) => `Stop ${name}`,
} as const;
