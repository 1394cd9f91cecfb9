/** @file German text for the frame around every screen. */
import type { Messages } from '../texts.ts';

export const nav: Messages['nav'] = {
  label: 'Abschnitte der Arbeit',
  more: 'Weitere Seiten',
  home: 'Start',
  datasets: 'Datensätze',
  ledger: 'Rechteübersicht',
  rewards: 'Belohnungen',
  train: 'Training',
  runs: 'Läufe',
  compare: 'Vergleich',
  exam: 'Prüfung',
  playground: 'Ausprobieren',
  export: 'Export',
  verify: 'Verifizieren',
  settings: 'Einstellungen',
};

export const stages: Messages['stages'] = {
  names: {
    pictures: 'Bilder',
    rights: 'Rechte',
    teach: 'Anlernen',
    results: 'Ergebnisse',
    share: 'Weitergeben',
  },
  questions: {
    pictures: 'Woraus soll es lernen?',
    rights: 'Dürfen Sie damit trainieren?',
    teach: 'Wie soll es lernen?',
    results: 'Hat es geholfen?',
    share: 'Können andere es nachprüfen?',
  },
  inside: (stage) => `Seiten in „${stage}“`,
  next: (stage) => `Weiter: ${stage}`,
};

export const common: Messages['common'] = {
  close: 'Schließen',
  cancel: 'Abbrechen',
  tryAgain: 'Erneut versuchen',
  loading: 'Wird geladen …',
  none: '–',
  done: 'Fertig',
  skip: 'Zum Inhalt springen',
  table: 'Tabelle',
  chart: 'Diagramm',
  viewAsTable: 'Als Tabelle anzeigen',
  viewAsChart: 'Als Diagramm anzeigen',
  timeLeft: (text) => `noch ${text}`,
  page: (position, total) => `Seite ${position} von ${total}`,
  previousPage: 'Vorherige Seite',
  nextPage: 'Nächste Seite',
  undo: 'Rückgängig',
  undoing: 'Wird rückgängig gemacht …',
  undone: 'Rückgängig gemacht.',
  dismiss: 'Ausblenden',
  reveal: 'Im Ordner anzeigen',
  choose: { folder: 'Ordner wählen …', file: 'Datei wählen …' },
  browse: {
    button: 'Durchsuchen …',
    folderTitle: 'Ordner auf diesem Rechner wählen',
    fileTitle: 'Datei auf diesem Rechner wählen',
    places: 'Orte',
    place: { home: () => 'Persönlicher Ordner', disks: (path) => `Laufwerke in ${path}` },
    up: 'Eine Ebene höher',
    contents: (path) => `Ordner in ${path}`,
    empty: 'Hier gibt es keine Ordner.',
    leftOut: (count) => `${count} weitere sind nicht aufgeführt. Geben Sie den Pfad ein, um sie zu erreichen.`,
    pictures: (many, count) =>
      many === 0
        ? 'Keine Bilder direkt in diesem Ordner'
        : many === 1
          ? '1 Bild in diesem Ordner'
          : `${count} Bilder in diesem Ordner`,
    useFolder: 'Diesen Ordner verwenden',
  },
  dropNow: 'Loslassen, um dies zu verwenden',
  dropNoPath:
    'Der Browser verrät den Pfad abgelegter Dateien nicht. Wählen Sie „Durchsuchen …“ oder geben Sie den Pfad ein.',
};

export const errors: Messages['errors'] = {
  noConnection: 'Das Studio antwortet nicht.',
  noConnectionRemedy: 'Vielleicht startet es noch, oder es wurde geschlossen. Diese Seite versucht es weiter.',
  row: (row) => `Zeile ${String(row)}`,
  field: (field) => `Feld „${field}“`,
  unknownScreen: 'Diese Seite gibt es nicht',
  unknownScreenText: 'Die Adresse stammt vielleicht aus einer neueren Version von Atelier.',
};

export const palette: Messages['palette'] = {
  open: 'Gehe zu …',
  title: 'Seite, Datensatz oder Lauf öffnen oder einen Befehl ausführen',
  placeholder: 'Seite, Befehl, Datensatz oder Lauf',
  empty: 'Nichts passt zu diesem Namen.',
  screens: 'Seiten',
  runs: 'Läufe',
  datasets: 'Datensätze',
};

export const connection: Messages['connection'] = {
  opening: 'Ihr Studio wird geöffnet …',
  lost: 'Keine Verbindung zum Studio. Es wird erneut versucht …',
};
