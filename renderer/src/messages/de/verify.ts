/** @file German text for the Verify screen: what was proved about a bundle, what was not, and what cannot be. */
import type { Messages } from '../texts.ts';
import { plural } from './words.ts';

export const verify: Messages['verify'] = {
  title: 'Verifizieren',
  lead: 'Verifizieren Sie ein Paket, das Sie erhalten haben: seine Signatur, seine Hashes und ob seine Dokumente untereinander und mit den Gewichten übereinstimmen.',
  drop: 'Legen Sie ein Paket hier ab, oder geben Sie den Pfad seines Ordners ein',
  placeholder: '/home/ich/downloads/zaehl-adapter',
  check: 'Verifizieren',
  again: 'Erneut verifizieren',
  checking: 'Wird verifiziert …',
  key: 'Erwarteter Signaturschlüssel',
  keyHint:
    'Der öffentliche Schlüssel (PEM) des Erstellers, wenn Sie ihn haben. Ohne ihn kennt Atelier nur den Schlüssel dieses Studios.',
  keyShow: 'Ich habe den öffentlichen Schlüssel des Erstellers',
  idle: 'Was geprüft wird',
  idleText:
    'Atelier prüft jede Datei gegen ihren signierten Hash, jedes Dokument gegen sein Schema und alle gegeneinander. Nichts wird ausgeführt, nichts gesendet.',
  overall: {
    pass: 'Alle Prüfschritte bestanden.',
    fail: 'Ein Prüfschritt schlug fehl. Verlassen Sie sich nicht auf dieses Paket.',
    'cannot-tell': 'Kein Prüfschritt schlug fehl, aber einige ließen sich nicht entscheiden.',
  },
  proved: (count) => `Nachgewiesen: ${plural(count, 'Prüfschritt', 'Prüfschritte')}`,
  failed: (count) => `Fehlgeschlagen: ${plural(count, 'Prüfschritt', 'Prüfschritte')}`,
  open: (count) => `Unentschieden: ${plural(count, 'Prüfschritt', 'Prüfschritte')}`,
  cannot: 'Was sich nicht nachweisen lässt',
  cannotList: [
    'Dass stimmt, was jemand über seine Bilder angegeben hat (Urheber, Lizenz). Nachgewiesen wird nur, dass es angegeben wurde.',
    'Dass nicht heimlich anderes zum Training verwendet wurde. Nachgewiesen wird nur, was die Aufzeichnung sagt und dass sie unverändert ist.',
    'Wem der Schlüssel gehört, sofern Sie ihn nicht selbst erhalten haben. Eine Signatur weist einen Schlüssel aus, keine Person.',
  ],
  receipt: 'Kette bis zu den Bildern anzeigen',
};
