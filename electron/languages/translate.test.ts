/** @file Sentences of the studio in German, as a door hands them on. */
import { describe, expect, it } from 'vitest';
import { answerIn, sayIn } from './translate.ts';
import { TemplateIndex } from './template-index.ts';

const german = sayIn('de');

describe('a sentence in German', () => {
  it('is found by its template, and what stands in quotation marks stays', () => {
    expect(german('There is no run with the id "running".')).toBe('Es gibt keinen Lauf mit der Kennung „running“.');
    expect(german('Use a whole number.')).toBe('Verwenden Sie eine ganze Zahl.');
  });

  it('writes numbers as German does, and translates what it holds', () => {
    expect(german('Use a number that is at least 0.5.')).toBe('Verwenden Sie eine Zahl ab 0,5.');
    expect(german('{0} pictures'.replace('{0}', '1,234'))).toBe('1.234 Bilder');
    expect(german('"steps" must be at least 2.')).toBe('„steps“ muss mindestens 2 sein.');
    expect(german('The run "a" (r1) is completed, so there is nothing to stop.')).toBe(
      'Der Lauf „a“ (r1) ist abgeschlossen, es gibt also nichts zu stoppen.',
    );
  });

  it('puts the parts of a change together, and keeps what was typed', () => {
    expect(german('Added "bird", answer set on 12 samples.')).toBe(
      '„bird“ hinzugefügt, Antwort gesetzt bei 12 Beispielen.',
    );
    expect(
      german(
        'The column "weather" was not read. Its values are kept with the rows, but say nothing about licence, author or training.',
      ),
    ).toMatch(/^Die Spalte „weather“ wurde nicht gelesen\. /);
  });

  it('is made of several if it was', () => {
    expect(
      german(
        'Any use. Include the notice and the licence text. Any use. Include the list of credits with the adapter.',
      ),
    ).toBe(
      'Jede Verwendung. Legen Sie den Hinweis und den Lizenztext bei. Jede Verwendung. Legen Sie dem Adapter die Liste der Namensnennungen bei.',
    );
    expect(german('Check the path. Use a number.')).toBe('Prüfen Sie den Pfad. Verwenden Sie eine Zahl.');
  });

  it('stays English where German has none, and in English', () => {
    expect(german('Nobody has ever said this.')).toBe('Nobody has ever said this.');
    expect(sayIn('en')('Use a number.')).toBe('Use a number.');
  });

  it('ends quickly for a hostile text', () => {
    const text = `The question about "${'" has '.repeat(100_000)}`;
    expect(german(text)).toBe(text);
  });
});

describe('templates', () => {
  it('prefer the one with more words, and give every hole something', () => {
    const index = new TemplateIndex({ '{0} holds {1}.': '{1}: {0}', '{0} holds no {1}.': 'ohne {1}: {0}' }, (x) => x);
    expect(index.say('A holds no B.')).toBe('ohne B: A');
    expect(index.say('A holds B.')).toBe('B: A');
    expect(index.say(' holds B.')).toBe(' holds B.');
  });
});

describe('a template of one word', () => {
  it('takes numbers, and leaves names alone', () => {
    expect(german('3 pictures')).toBe('3 Bilder');
    expect(german('Wall of pictures')).toBe('Wall of pictures');
  });
});

describe('an answer in German', () => {
  it('has its sentences translated, and its data not', () => {
    const text = 'Use a number.';
    const date = new Date(0);
    const answer = { reason: text, name: text, text, date, rows: [{ warnings: [text], id: 1 }], none: null };
    expect(answerIn(german, answer, ['runs', 'get'])).toEqual({
      reason: 'Verwenden Sie eine Zahl.',
      name: text,
      text,
      date,
      rows: [{ warnings: ['Verwenden Sie eine Zahl.'], id: 1 }],
      none: null,
    });
    expect(answerIn(german, { text }, ['ledger', 'forRun'])).toEqual({ text: 'Verwenden Sie eine Zahl.' });
    expect(answer.rows[0]?.warnings).toEqual([text]);
  });
});
