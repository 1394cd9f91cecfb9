/** @file German text for the Ledger screen: what the licences permit, why, and your duties. */
import type { Messages } from '../texts.ts';
import { plural } from './words.ts';

export const ledger: Messages['ledger'] = {
  title: 'Rechteübersicht',
  lead: 'Dürfen Sie diese Bilder verwenden und das Ergebnis weitergeben? Hier steht, was die Lizenzen sagen, nach welcher Regel und wegen welcher Bilder.',
  of: 'Gegenstand',
  ofRun: (name) => `Lauf: ${name}`,
  base: 'Basismodell',
  baseFromHub: (name, hubName, version, endpoint) =>
    `Basismodell: ${name} (${hubName}, Version ${version}, von ${endpoint})`,
  baseNone: 'Nur Bilder',
  empty: 'Noch nichts zu beurteilen',
  emptyText: 'Importieren Sie zuerst Bilder. Atelier liest jede Lizenz, jeden Urheber und jeden Widerspruch darin.',
  emptyAction: 'Zu den Datensätzen',
  judging: 'Lizenzen werden gelesen …',
  notFound: 'Es gibt nichts zu beurteilen',
  forRun: 'Die Bilder, die dieser Lauf verwendet hat. Spätere Entscheidungen ändern daran nichts.',
  openDataset: 'Datensatz öffnen',
  openRun: 'Lauf öffnen',
  export: 'Exportieren',
  purpose: {
    'train-privately': 'Für sich selbst trainieren',
    'publish-non-commercially': 'Nicht kommerziell veröffentlichen',
    'publish-commercially': 'Kommerziell veröffentlichen',
  },
  verdict: {
    allowed: 'Erlaubt',
    'allowed-with-duties': 'Erlaubt, mit Pflichten',
    'needs-decision': 'Ihre Entscheidung',
    blocked: 'Nicht erlaubt',
  },
  why: (count) => plural(count, 'Grund', 'Gründe'),
  rule: (rule) => `Regel ${rule}`,
  byBase: 'Wegen des Basismodells oder des Belohnungscodes',
  lines: 'Lizenzen',
  images: (count) => plural(count, 'Bild', 'Bilder'),
  moreImages: (count) => `+${count}`,
  unknown: 'Nicht angegeben',
  columns: { licence: 'Lizenz', images: 'Bilder', means: 'Was das hier bedeutet', duties: 'Ihre Pflichten' },
  noDuties: 'keine',
  licenceText: 'Lizenztext',
  sources: 'Gelesen aus',
  noLines: 'Im Training wird kein Bild verwendet.',
  duties: 'Ihre Pflichten beim Weitergeben',
  dutiesNone: 'Keine.',
  because: (licences) => `wegen ${licences}`,
  rewardCode: 'Ihr eigener Belohnungscode',
  optedOut: 'Bilder mit Widerspruch',
  leftOut: (count) =>
    `${plural(count, 'Bild widerspricht', 'Bilder widersprechen')} dem Training und ${count === 1 ? 'wird' : 'werden'} ausgelassen`,
  decided: (count) =>
    `${plural(count, 'Bild wird', 'Bilder werden')} trotz Widerspruchs verwendet, durch eine festgehaltene Entscheidung`,
  optedOutNone:
    'Kein Bild widerspricht dem Training. Schweigen ist keine Zustimmung: Ein Bild ohne Angabe bleibt unbekannt.',
  credits: 'Namensnennung',
  creditsText: (count) => `${plural(count, 'Werk', 'Werke')} zu nennen, so wie die Lizenzen es verlangen.`,
  creditsNone: 'Keine Nennung nötig.',
  copy: 'Alles kopieren',
  copied: 'Kopiert',
  copyFailed: 'Markieren Sie den Text und kopieren Sie ihn selbst',
  attributionLabel: 'Liste der Namensnennungen',
  rules: 'Die Regeln',
  rulesText:
    'Alle Regeln der Rechteübersicht mit ihren Quellen. Die strengste gilt. Unbekannt zählt nie als Erlaubnis.',
  outbound: 'Lizenzen, die Sie für die Gewichte wählen dürfen',
  outboundNone: 'Keine, denn Veröffentlichen ist nicht erlaubt.',
};
