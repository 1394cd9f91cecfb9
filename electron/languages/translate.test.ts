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

  it('bends the words around a noun, and lists as German does', () => {
    expect(german('No sample has a known author.')).toBe('Kein Beispiel hat einen bekannten Urheber.');
    expect(
      german(
        'Column “topic”: There are 3 different subjects; the most frequent is “bird” with 40%. As varied as 2.8 equally frequent ones. For 25% of the samples none is known.',
      ),
    ).toBe(
      'Spalte „topic“: Es gibt 3 verschiedene Motive; am häufigsten ist „bird“ mit 40 %. So vielfältig wie 2,8 gleich häufige. Bei 25 % der Beispiele fehlt die Angabe.',
    );
    expect(
      german(
        'Of 40 questions, 6 were gained: 3 were right before and lacked the form, 2 were right in some of 8 sampled answers, and 1 in none of them; 1 answer was lost.',
      ),
    ).toBe(
      'Von 40 Fragen kamen 6 hinzu: 3 waren vorher richtig, aber nicht in der Form, 2 waren in einigen von 8 gezogenen Antworten richtig und 1 in keiner davon; 1 Antwort ging verloren.',
    );
    expect(
      german(
        'Of 40 questions, 1 was gained: 0 were right before and lacked the form, and 1 is selection or new: take samples of the first model to tell; 2 answers were lost.',
      ),
    ).toBe(
      'Von 40 Fragen kam 1 hinzu: 0 waren vorher richtig, aber nicht in der Form und 1 ist Auswahl oder neu: Ziehen Sie Antworten des ersten Modells, um es zu unterscheiden; 2 Antworten gingen verloren.',
    );
    expect(
      german(
        'GRPO-D − GRPO, same mean β, points: +1.5 over 3 seeds, 95% interval −0.5 to +3.5; it may be chance (p = 0.21).',
      ),
    ).toBe(
      'GRPO-D − GRPO mit gleichem mittlerem β, Punkte: +1,5 über 3 Seeds, 95-%-Intervall −0,5 bis +3,5; es kann Zufall sein (p = 0,21).',
    );
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
