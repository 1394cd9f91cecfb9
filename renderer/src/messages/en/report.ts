/** @file Words about handing on a run or an experiment as one page, and charts as pictures. */
export const report = {
  open: 'Report',
  title: 'Hand on a report',
  lead: 'One page with figures, charts, answers with their pictures, and credits. It needs no network and no Atelier.',
  html: 'Save as HTML',
  pdf: 'Save as PDF',
  print: 'Print or save as PDF',
  making: 'Writing the report …',
  contains: 'It shows pictures and names of the dataset. Check that you may hand these on.',
  chart: {
    save: 'Save chart',
    png: 'PNG',
    svg: 'SVG',
    as: (kind: string, name: string) => `Save as ${kind}: ${name}`,
  },
};
