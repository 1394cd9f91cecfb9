/** @file German text shown on every screen: tour, keyboard help, drag and drop, commands. */
import type { Messages } from '../texts.ts';

export const tour: Messages['tour'] = {
  label: 'Erste Schritte',
  offer: 'Rundgang starten',
  count: (at, of) => `${String(at)} von ${String(of)}`,
  next: 'Weiter',
  back: 'Zurück',
  skip: 'Überspringen',
  done: 'Fertig',
  steps: {
    home: {
      title: 'Ihr eigenes Studio',
      text: 'Hier bringen Sie einem Modell bei, Ihre Bilder zu lesen. Alles geschieht auf diesem Rechner, nichts wird verschickt. Dieser Rundgang zeigt Ihnen alles.',
    },
    datasets: {
      title: 'Datensätze',
      text: 'Ein Datensatz besteht aus Bildern mit Fragen und Antworten. Importieren Sie zum Ausprobieren die Startbilder. Jedes zeigt, von wem es stammt und unter welcher Lizenz es steht.',
      action: 'Startbilder importieren',
    },
    rewards: {
      title: 'Was als gut gilt',
      text: 'Das Modell versucht mehrere Antworten, und Belohnungen entscheiden, welche besser sind. Der Prüfstand zeigt, ob Ihre Belohnungen sie unterscheiden, bevor Sie Zeit ins Training stecken.',
    },
    train: {
      title: 'Sicher starten',
      text: 'Wählen Sie Modell, Daten, Methode und Belohnungen. Die Karte an der Seite sagt Ihnen, wann Sie bereit sind, wie lange das Training dauert und was die Lizenzen erlauben.',
    },
    runs: {
      title: 'Lernt es?',
      text: 'Ein Lauf zeigt seine Belohnung live, mit verständlichen Hinweisen und jeder Antwort neben ihrem Bild. Sie können ihn jederzeit anhalten und fortsetzen.',
    },
    verify: {
      title: 'Mit Herkunft exportieren',
      text: 'Der Export schreibt den Adapter mit seinem Herkunftsnachweis. Jeder kann ein solches Paket hier verifizieren, von den Gewichten zurück bis zu den Bildern.',
    },
  },
};

export const help: Messages['help'] = {
  title: 'Tastatur',
  open: 'Tastenkürzel',
  anywhere: 'Überall',
  pictures: 'In Bilderrastern',
  charts: 'In Listen und Schiebereglern',
  keys: {
    palette: 'Zu einer Seite, einem Lauf, Datensatz oder Befehl gehen',
    help: 'Diese Hilfe anzeigen',
    undo: 'Letzte Aktion rückgängig machen',
    start: 'Unter „Training“: den Lauf starten',
    paste: 'Unter „Datensätze“: kopierte Bilder oder einen kopierten Ordner importieren',
    escape: 'Schließen, was geöffnet ist',
    tab: 'Nächstes Bedienelement; mit Umschalttaste das vorherige',
    arrows: 'Auswahl bewegen',
    page: 'Eine Bildschirmseite nach oben oder unten',
    ends: 'Erster oder letzter Eintrag',
    slider: 'Eine Stufe nach oben oder unten; die Bild-Tasten springen weiter',
  },
};

export const about: Messages['about'] = {
  title: 'Über Atelier',
  tagline: 'Ein Offline-Studio, das einem Bild-Sprach-Modell beibringt, Ihre eigenen Bilder zu lesen.',
  version: (version) => `Version ${version}`,
  licence: 'Apache-2.0. Copyright The Atelier authors.',
  parts: 'Erstellt mit',
  part: 'Bestandteil',
  partVersion: 'Version',
  copy: 'Versionen kopieren',
  licences: 'Lizenzen',
  licencesCount: (count) => `${count} Pakete gehören zu Atelier, jedes unter seiner eigenen Lizenz.`,
  find: 'Paket oder Lizenz suchen',
  noneFound: 'Kein Paket passt dazu.',
  text: (name) => `Lizenz von ${name}`,
  back: 'Alle Pakete',
  notices: 'Hinweise von Electron und Chromium anzeigen',
};

export const dropping: Messages['dropping'] = {
  title: 'Irgendwo ablegen',
  text: 'Atelier importiert einen Ordner oder eine Tabelle mit Bildern, verifiziert ein exportiertes Paket und nimmt einen Auftragsordner zurück.',
};

export const commands: Messages['commands'] = {
  heading: 'Befehle',
  import: 'Bilder importieren',
  newRun: 'Trainingslauf einrichten',
  newestRun: 'Neuesten Lauf öffnen',
  verify: 'Paket verifizieren',
  light: 'Helles Erscheinungsbild',
  dark: 'Dunkles Erscheinungsbild',
  system: 'Erscheinungsbild des Systems',
  simple: 'Einfache Einstellungen',
  advanced: 'Erweiterte Einstellungen',
  tour: 'Rundgang starten',
  help: 'Tastenkürzel',
  about: 'Über Atelier',
  stop: (name) => `${name} anhalten`,
};
