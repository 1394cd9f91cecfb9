/** @file German text for the Home screen. */
import type { Messages } from '../texts.ts';

export const home: Messages['home'] = {
  title: 'Start',
  welcome: 'Bringen Sie einem Modell bei, Ihre Bilder zu lesen',
  welcomeText:
    'Importieren Sie Bilder mit Fragen und Antworten, trainieren Sie damit ein Modell und exportieren Sie einen Adapter, dessen Herkunft jeder nachprüfen kann. Alles bleibt auf diesem Rechner.',
  importOwn: 'Eigene Bilder importieren',
  runningNow: 'Läuft gerade',
  recent: 'Letzte Läufe',
  allRuns: 'Alle Läufe',
  datasets: 'Datensätze',
  allDatasets: 'Alle Datensätze',
  nextTrain: 'Ihre Bilder sind bereit. Trainieren Sie jetzt ein Modell damit.',
  nextTrainAction: 'Trainingslauf einrichten',
  engine: 'Engine',
  engineIdle: 'noch nicht gestartet',
  memory: (free, total) => `${free} von ${total} Arbeitsspeicher frei`,
  network: 'Netzwerk: keines',
  networkAbout:
    'Atelier stellt von sich aus keine Netzwerkverbindung her, nur wenn Sie das Herunterladen eines Modells verlangen. Bilder, Modelle und Ergebnisse verlassen diesen Rechner nie.',
  tensorFlow: {
    title: 'TensorFlow fehlt',
    about:
      'Die Engine läuft auf WebAssembly: Alles funktioniert, aber das Training dauert um ein Vielfaches länger. Atelier kann TensorFlow jetzt holen: etwa 275 MB vom Python-Paketverzeichnis. Neben Modellen ist das der einzige Download von Atelier, und nur auf Ihren Wunsch.',
    packaged:
      'Die Engine läuft auf WebAssembly: Alles funktioniert, aber das Training dauert um ein Vielfaches länger. Installieren Sie Atelier neu.',
    setUp: 'TensorFlow einrichten',
    running: 'Wird eingerichtet …',
    starting: 'Wird gestartet …',
    failed:
      'TensorFlow ließ sich nicht einrichten. Die Zeile darüber nennt den Grund; sonst hat sich nichts geändert. Mehr erfahren Sie im Terminal mit npm run setup -- --retry.',
  },
  open: 'Lauf öffnen',
};
