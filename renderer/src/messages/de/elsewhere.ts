/** @file German text for training elsewhere: job folders, and jobs on a Ray cluster. */
import type { Messages } from '../texts.ts';
import { plural } from './words.ts';

export const elsewhere: Messages['elsewhere'] = {
  open: 'Anderswo trainieren …',
  title: 'Anderswo trainieren',
  lead: 'Schreibt einen Auftragsordner, den ein anderer Rechner ohne Atelier trainieren kann. Er enthält Ihre Trainingsbilder; geben Sie ihn nur Leuten, die sie haben dürfen.',
  destination: 'Anzulegender Ordner',
  placeholder: '/home/ich/auftrag',
  destinationHint: 'Den Ordner darf es noch nicht geben. Kopieren Sie ihn danach auf den anderen Rechner.',
  launcher: 'Wie der andere Rechner Aufträge startet',
  launchers: {
    shell: 'Aus einem Terminal',
    ray: 'Ray-Cluster',
    slurm: 'Slurm-Cluster',
    skypilot: 'SkyPilot, in einer Cloud',
  },
  withModel: 'Dateien des Basismodells mitgeben',
  write: 'Ordner schreiben',
  writing: 'Wird geschrieben …',
  done: (steps, samples, images, size) =>
    `Der Ordner ist geschrieben: ${steps} Schritte, ${samples} Beispiele mit ${images} Bildern, ${size}.`,
  doneExperiment: (runs, steps, samples, images, size) =>
    `Der Ordner ist geschrieben: ${plural(runs, 'Lauf', 'Läufe')} mit insgesamt ${steps} Schritten, ${samples} Beispiele mit ${images} Bildern, ${size}.`,
  terms: 'Was die Lizenzen erlauben, und was anderswo anders ist',
  next: 'Starten Sie auf dem anderen Rechner ./run.sh --smoke; README.md im Ordner erklärt den Rest. Nehmen Sie den Ordner auf der Seite der Läufe zurück, auch während der Auftrag noch läuft.',
  openExperiment: 'Experiment anzeigen',
  cluster: {
    open: 'Aufträge auf einem Cluster …',
    title: 'Auftrag auf einem Ray-Cluster',
    lead: 'Sendet einen Auftragsordner an Ihren Ray-Cluster, verfolgt den Auftrag und nimmt die Ergebnisse zurück. Ein Auftrag, der schon dort ist, wird nur verfolgt.',
    sendTitle: 'Von hier an den Cluster senden',
    job: 'Auftrag',
    none: 'Noch wurde kein Auftragsordner für Ray geschrieben. Wählen Sie „Ray-Cluster“, wenn Sie anderswo trainieren.',
    off: 'Atelier verbindet sich mit keinem Cluster, bis Sie es erlauben. Der Auftragsordner geht nur an die angegebene Adresse, samt Ihren Bildern.',
    allow: 'Senden von Aufträgen an einen Ray-Cluster erlauben',
    address: 'Adresse des Cluster-Dashboards',
    addressPlaceholder: 'http://127.0.0.1:8265',
    addressHint: 'Ein Token wird aus RAY_AUTH_TOKEN gelesen und nie gespeichert.',
    storage: 'Ablage',
    storagePlaceholder: '/mnt/shared/jobs',
    storageHint: 'Ein Ordner auf dem Cluster, in den jeder Knoten schreiben kann.',
    workers: 'Worker je Lauf',
    notWorkers: 'Geben Sie eine ganze Zahl ab 1 ein.',
    gpus: 'Jedem Worker eine GPU geben',
    send: 'Senden und verfolgen',
    sending: 'Wird gesendet …',
    leave: 'Nicht mehr verfolgen',
    left: 'Der Auftrag läuft auf dem Cluster weiter. Senden und verfolgen Sie erneut, um den Stand zu sehen.',
    submitted: (id) => `Gesendet als ${id}.`,
    found: (id) => `${id} ist schon auf dem Cluster.`,
    following:
      'Ergebnisse werden alle zwei Minuten und am Ende geholt. Wenn Sie dieses Fenster schließen, läuft der Auftrag weiter.',
    log: 'Was der Auftrag ausgibt',
    returnedRun: (step, steps) => `Zurückgenommen: Schritt ${step} von ${steps}.`,
    returnedExperiment: (runs, of) => `Zurückgenommen: ${runs} von ${of} Läufen haben begonnen.`,
    ended: {
      succeeded: 'Der Auftrag ist fertig, und seine Ergebnisse sind hier.',
      failed:
        'Der Auftrag ist auf dem Cluster fehlgeschlagen. Senden Sie ihn erneut: Er fährt beim letzten vollständigen Checkpoint fort.',
      stopped:
        'Der Auftrag wurde auf dem Cluster angehalten. Senden Sie ihn erneut: Er fährt beim letzten vollständigen Checkpoint fort.',
    },
  },
};
