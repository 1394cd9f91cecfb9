/** @file Text for the Home screen. */

export const home = {
  title: 'Home',
  welcome: 'Teach a model to read your pictures',
  welcomeText:
    'Bring images with questions and answers, train a model on them, and export an adapter whose origin anyone can check. Everything stays on this machine.',
  importOwn: 'Import my own',
  runningNow: 'Running now',
  recent: 'Recent runs',
  allRuns: 'All runs',
  datasets: 'Datasets',
  allDatasets: 'All datasets',
  nextTrain: 'Your pictures are ready. Now train a model on them.',
  nextTrainAction: 'Set up a training run',
  engine: 'Engine',
  engineIdle: 'not started yet',
  memory: (free: string, total: string) => `${free} of ${total} memory free`,
  network: 'network: none',
  networkAbout:
    'Atelier makes no network connections by itself, only when you ask it to download a model. Images, models and results never leave this machine.',
  tensorFlow: {
    title: 'TensorFlow is missing',
    about:
      'The engine runs on WebAssembly: everything works, but training takes many times as long. Atelier can fetch TensorFlow now: a download of about 275 MB from the Python package index. Besides models, it is the only thing that Atelier ever downloads, and only when you ask for it.',
    packaged:
      'The engine runs on WebAssembly: everything works, but training takes many times as long. Install Atelier again.',
    setUp: 'Set up TensorFlow',
    running: 'Setting up…',
    starting: 'Starting…',
    failed:
      'TensorFlow could not be set up. The line above says why; nothing else has changed. You can also run npm run setup -- --retry in a terminal, which says more.',
  },
  open: 'Open run',
} as const;
