/** @file Text shown on every screen: tour, keyboard help, drag and drop, commands. */

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
      title: 'Your own studio',
      text: 'Here you teach a model to read your pictures. Everything happens on this machine, and nothing is sent anywhere. This tour shows you around.',
    },
    datasets: {
      title: 'Datasets',
      text: 'A dataset is a set of pictures with questions and answers. Import the starter pictures to try things out. Each one shows who made it and under which licence.',
      action: 'Import the starter pictures',
    },
    rewards: {
      title: 'What counts as good',
      text: 'The model tries several answers, and rewards decide which are better. The bench shows whether your rewards can distinguish them, before you spend time on training.',
    },
    train: {
      title: 'Start with confidence',
      text: 'Choose a model, data, a method and rewards. The card on the side tells you when you are ready, how long training takes and what the licences allow.',
    },
    runs: {
      title: 'Is it learning?',
      text: 'A run shows its reward live, with notes in plain words and every answer next to its picture. You can stop and resume it at any time.',
    },
    verify: {
      title: 'Export it with its origin',
      text: 'Export writes the adapter with its provenance. Anyone can verify such a bundle here, from the weights back to the pictures.',
    },
  },
} as const;

export const help = {
  title: 'Keyboard',
  open: 'Keyboard shortcuts',
  anywhere: 'Anywhere',
  pictures: 'In grids of pictures',
  charts: 'In lists and sliders',
  keys: {
    palette: 'Go to any screen, run, dataset or command',
    help: 'Show this help',
    undo: 'Undo the last action',
    start: 'On Train: start the run',
    paste: 'On Datasets: import copied pictures or a copied folder',
    escape: 'Close what is open',
    tab: 'Next control; with Shift, the previous one',
    arrows: 'Move the selection',
    page: 'One screen up or down',
    ends: 'First or last item',
    slider: 'One step up or down; Page keys move further',
  },
} as const;

export const about = {
  title: 'About Atelier',
  tagline: 'An offline studio that teaches a vision-language model to read your own pictures.',
  version: (version: string) => `Version ${version}`,
  licence: 'Apache-2.0. Copyright The Atelier authors.',
  parts: 'Made with',
  part: 'Part',
  partVersion: 'Version',
  copy: 'Copy versions',
  licences: 'Licences',
  licencesCount: (count: string) => `${count} packages ship with Atelier, each under its own licence.`,
  find: 'Find a package or licence',
  noneFound: 'No package matches.',
  text: (name: string) => `Licence of ${name}`,
  back: 'All packages',
  notices: 'Show the notices of Electron and Chromium',
} as const;

export const dropping = {
  title: 'Drop it anywhere',
  text: 'Atelier imports a folder or table of pictures, verifies an exported bundle, and takes a job folder back.',
} as const;

export const commands = {
  heading: 'Commands',
  import: 'Import pictures',
  newRun: 'Set up a training run',
  newestRun: 'Open the newest run',
  verify: 'Verify a bundle',
  light: 'Light appearance',
  dark: 'Dark appearance',
  system: 'System appearance',
  simple: 'Simple settings',
  advanced: 'Advanced settings',
  tour: 'Show me around',
  help: 'Keyboard shortcuts',
  about: 'About Atelier',
  stop: (name: string) => `Stop ${name}`,
} as const;
