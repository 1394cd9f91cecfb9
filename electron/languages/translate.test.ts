/** @file Sentences of the studio in German, as a door hands them on. */
import { describe, expect, it } from 'vitest';
import { STARTER_NAMES } from '../method/starter-names.ts';
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

  it('says where words against training stand, and a value of β', () => {
    expect(
      german(
        'What “0.png” says, for example: The column “usage_terms” of the table forbids training or data mining: “No AI training”.',
      ),
    ).toBe(
      'Was „0.png“ zum Beispiel sagt: Die Spalte „usage_terms“ der Tabelle verbietet Training oder Data Mining: „No AI training“.',
    );
    expect(
      german(
        'Every training sample is left out by its table: nothing can be trained on this dataset as it is. The column “opt_out” of the table forbids training: “true”.',
      ),
    ).toBe(
      'Alle Trainingsbeispiele bleiben wegen ihrer Tabelle außen vor: Mit diesem Datensatz lässt sich so nichts trainieren. Die Spalte „opt_out“ der Tabelle verbietet Training: „true“.',
    );
    expect(german('β 0.3')).toBe('β 0,3');
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
      'Von 40 Fragen wurden 6 gewonnen: 3 waren vorher richtig, aber nicht in der verlangten Form, 2 waren in einigen von 8 gezogenen Antworten richtig, und 1 in keiner davon; 1 Antwort ging verloren.',
    );
    expect(
      german(
        'Of 40 questions, 1 was gained: 0 were right before and lacked the form, and 1 is selection or new: take samples of the first model to tell; 2 answers were lost.',
      ),
    ).toBe(
      'Von 40 Fragen wurde 1 gewonnen: 0 waren vorher richtig, aber nicht in der verlangten Form, und 1 ist Auswahl oder neu (was davon, zeigen erst gezogene Antworten des ersten Modells); 2 Antworten gingen verloren.',
    );
    expect(
      german(
        'GRPO-D − GRPO, same mean β, points: +1.5 over 3 seeds, 95% interval over seeds and questions −0.5 to +3.5; it may be chance (p = 0.21, corrected).',
      ),
    ).toBe(
      'GRPO-D − GRPO mit gleichem mittlerem β, Punkte: +1,5 über 3 Seeds, 95-%-Intervall über Seeds und Fragen −0,5 bis +3,5; es kann Zufall sein (p = 0,21, korrigiert).',
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
    expect(
      german(
        '/tmp/my model/tokenizer.json is not a byte-pair (BPE) tokenizer. It has no checkpoint yet and would start again from the beginning.',
      ),
    ).toBe(
      '/tmp/my model/tokenizer.json ist kein BPE-Tokenizer. Er hat noch keinen Checkpoint und würde von vorn beginnen.',
    );
    expect(german('Check the path. Use a number.')).toBe('Prüfen Sie den Pfad. Verwenden Sie eine Zahl.');
  });

  it('is whole where a file, however it is called, begins it', () => {
    const pictures = '/tmp/my pictures. Old/set-2';
    const nothingSays =
      'but no table, no subfolder and no captions: nothing says what to ask and what the right answer is.';
    expect(german(`${pictures} holds 5 pictures, ${nothingSays}`)).toBe(
      `${pictures} enthält 5 Bilder, aber keine Tabelle, keinen Unterordner und keine Beschriftung: Nichts sagt, was zu fragen und welche Antwort richtig ist.`,
    );
    expect(german('/tmp/a.parquet is not a Parquet file: it is too short.')).toBe(
      '/tmp/a.parquet ist keine Parquet-Datei: Sie ist zu kurz.',
    );
    expect(german('/tmp/a.json is not JSON: it begins with neither [ nor {.')).toBe(
      '/tmp/a.json ist kein JSON: Es beginnt weder mit [ noch mit {.',
    );
    expect(german('X is empty.')).toBe('X ist leer.');
    expect(german('X holds no image.')).toBe('X enthält kein Bild.');
    expect(german('X has two columns named "a".')).toBe('X hat zwei Spalten namens „a“.');
    expect(german('X cannot be read as Parquet (x).')).toBe('X ist nicht als Parquet lesbar (x).');
    expect(german('/tmp/my model/tokenizer.json is not a byte-pair (BPE) tokenizer.')).toBe(
      '/tmp/my model/tokenizer.json ist kein BPE-Tokenizer.',
    );
    expect(german('/tmp/config.json: "size" is true, not a whole number.')).toMatch(
      /^\/tmp\/config\.json: „size“ ist true, /,
    );
  });

  it('is whole where it lists images, licences or what a picture says', () => {
    expect(
      german(
        'Opted out of training, so imported but left out of training and evaluation: 8 images: p0.png, p1.png, p2.png and 5 more.',
      ),
    ).toBe(
      'Widerspricht dem Training, deshalb importiert, aber von Training und Auswertung ausgeschlossen: 8 Bilder: p0.png, p1.png, p2.png und 5 weitere.',
    );
    expect(
      german(
        'What “p0.png” says, for example: The site does not let robots that collect for training have the image (GPTBot).',
      ),
    ).toBe(
      'Was „p0.png“ zum Beispiel sagt: Die Website gibt das Bild nicht an Roboter, die für das Training sammeln (GPTBot).',
    );
    expect(
      german('Licences were read in their SPDX form (2 rows): "CC BY 4.0" as CC-BY-4.0, "cc0" as CC0-1.0 and 3 more.'),
    ).toBe(
      'Lizenzen wurden in ihrer SPDX-Form gelesen (2 Zeilen): „CC BY 4.0“ als CC-BY-4.0, „cc0“ als CC0-1.0 und 3 weitere.',
    );
  });

  it('is whole with parts that may be missing', () => {
    expect(german('This run needs about 7 GiB of memory; 6 GiB are available.')).toMatch(
      /^Dieser Lauf braucht .*6 GiB/,
    );
    expect(
      german('The images and the base model require no licence text in LICENSES/. Nobody checked the text of X.'),
    ).toBe('Bilder und Basismodell verlangen keinen Lizenztext in LICENSES/. Den Text von X hat niemand geprüft.');
  });

  it('stays English where German has none, and in English', () => {
    expect(german('Nobody has ever said this.')).toBe('Nobody has ever said this.');
    expect(sayIn('en')('Use a number.')).toBe('Use a number.');
  });

  it('ends quickly for a hostile text', () => {
    const text = `The question about "${'" has '.repeat(100_000)}`;
    expect(german(text)).toBe(text);
    const path = `${'/a '.repeat(5000)}b.`;
    expect(german(path)).toBe(path);
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

describe('what Atelier brings', () => {
  it('has a German name', () => {
    for (const name of Object.values(STARTER_NAMES)) expect(german(name), name).toMatch(/\((Starter|Beispiel)\)$/);
    expect(german('Evaluation of Atelier nano on Zählen (Starter)')).toBe(
      'Auswertung von Atelier nano mit Zählen (Starter)',
    );
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
