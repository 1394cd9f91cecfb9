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
  networkAbout: 'Atelier makes no network connections. Images, models and results never leave this machine.',
  open: 'Open run',
} as const;
