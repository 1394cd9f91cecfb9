/** @file German words about handing on a run or an experiment as one page, and charts as pictures. */
import type { Messages } from '../texts.ts';

export const report: Messages['report'] = {
  open: 'Bericht',
  title: 'Bericht weitergeben',
  lead: 'Eine Seite mit Zahlen, Diagrammen, Antworten mit ihren Bildern und Nennungen, auf Englisch. Sie braucht weder Netzwerk noch Atelier.',
  html: 'Als HTML speichern',
  pdf: 'Als PDF speichern',
  print: 'Drucken oder als PDF speichern',
  making: 'Der Bericht wird geschrieben …',
  contains: 'Er zeigt Bilder und Namen des Datensatzes. Prüfen Sie, ob Sie diese weitergeben dürfen.',
  chart: {
    save: 'Diagramm speichern',
    png: 'PNG',
    svg: 'SVG',
    as: (kind, name) => `Als ${kind} speichern: ${name}`,
  },
};
