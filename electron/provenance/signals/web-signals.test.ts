/** @file What sites say: headers and TDMRep rules, saved as files beside an image. */
import { describe, expect, it } from 'vitest';
import { combineSignals } from './combine.ts';
import { locationFits, readHeaders, readTdmRep } from './web-signals.ts';

function words(signals: ReturnType<typeof readHeaders>): string[] {
  return signals.map(({ kind, value }) => `${kind} ${value}`);
}

describe('headers', () => {
  it('with noai, a reservation or a preference against training opt out', () => {
    const text =
      'HTTP/2 200\r\ncontent-type: image/jpeg\r\nX-Robots-Tag: anybot: noindex, noai, noimageai\r\ntdm-reservation: 1\r\nContent-Usage: train-ai=n, search=y\r\n';
    const signals = readHeaders(text, 'a.jpg.headers.txt');
    expect(words(signals)).toEqual(['noai disallow', 'tdmrep disallow', 'aipref disallow']);
    expect(signals[0]).toMatchObject({
      locator: 'a.jpg.headers.txt, X-Robots-Tag',
      raw: 'anybot: noindex, noai, noimageai',
    });
    expect(combineSignals(signals)).toBe('opted-out');
  });

  it('that allow are recorded evidence of a permission; one word against it wins', () => {
    const allow = readHeaders('Content-Usage: train-ai=y\ntdm-reservation: 0', 'h');
    expect(combineSignals(allow)).toBe('allowed');
    expect(combineSignals([...allow, ...readHeaders('X-Robots-Tag: noai', 'h')])).toBe('opted-out');
  });

  it('keep words that are not known, and take them for nothing', () => {
    const signals = readHeaders('Content-Usage: something-new=n\ntdm-reservation: yes\nX-Robots-Tag: noindex', 'h');
    expect(words(signals)).toEqual(['aipref unknown', 'tdmrep unknown']);
    expect(combineSignals(signals)).toBe('unknown');
  });
});

describe('tdmrep.json', () => {
  const rules = JSON.stringify([
    { location: '/art/*.jpg$', 'tdm-reservation': 1, 'tdm-policy': 'https://example.org/p.json' },
    { location: '/free/', 'tdm-reservation': 0 },
  ]);

  it('counts where a rule fits the place of the image', () => {
    expect(words(readTdmRep(rules, 'tdmrep.json', ['/art/a.jpg']))).toEqual(['tdmrep disallow']);
    expect(words(readTdmRep(rules, 'tdmrep.json', ['/free/a.jpg']))).toEqual(['tdmrep allow']);
    expect(readTdmRep(rules, 'tdmrep.json', ['/art/a.png'])).toEqual([]);
    expect(words(readTdmRep(rules, 'tdmrep.json', ['/a.jpg', '/art/a.jpg']))).toEqual(['tdmrep disallow']);
  });

  it('that cannot be read is an error, which no permission outweighs', () => {
    for (const text of ['', '{', '{"location":"/"}', `[${'{},'.repeat(2000)}{}]`]) {
      const signals = readTdmRep(text, 'tdmrep.json', ['/a.jpg']);
      expect(words(signals)).toEqual(['tdmrep error']);
      expect(combineSignals([...signals, ...readHeaders('tdm-reservation: 0', 'h')])).toBe('unknown');
    }
    expect(readTdmRep('[null, 1, {"location": 5}, {"location": "/"}]', 'tdmrep.json', ['/a.jpg'])).toEqual([]);
  });

  it.each([
    ['/', '/a/b.jpg', true],
    ['/a', '/b', false],
    ['/*.jpg$', '/x/y.jpg', true],
    ['/*.jpg$', '/x/y.jpg.png', false],
    ['/a*b*c', '/a__b__c__', true],
    ['/a$', '/ab', false],
    ['*', '/anything', true],
    [`${'*a'.repeat(200)}$`, `/${'a'.repeat(5000)}b`, false],
  ])('location %s and path %s', (location, path, fits) => {
    expect(locationFits(location, path)).toBe(fits);
  });
});
