/** @file What sites say: headers and TDMRep rules, saved as files beside an image. */
import { describe, expect, it } from 'vitest';
import { combineSignals } from './combine.ts';
import { pageShows, readPage } from './page-signals.ts';
import { locationFits, readAiTxt, readHeaders, readRobotsTxt, readTdmRep } from './web-signals.ts';

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

  it.each([
    ['true for 1', '[{"location":"/","tdm-reservation":true}]', 'rule 1'],
    ['"true" for 1', '[{"location":"/","tdm-reservation":"true"}]', 'rule 1'],
    ['a rule without a list', '{"location":"/","tdm-reservation":1}', 'rule 1'],
    ['a rule without a list and a place', '{"tdm-reservation":true}', 'rule 1'],
  ])('reserves also as %s', (_how, text, place) => {
    const signals = readTdmRep(text, 'tdmrep.json', ['/a.jpg']);
    expect(words(signals)).toEqual(['tdmrep disallow']);
    expect(signals[0]!.locator).toContain(place);
    if (text.includes('true')) expect(signals[0]!.statement).toContain('written as “true”');
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

describe('robots.txt', () => {
  const text =
    'User-agent: Other\nContent-Usage: train-ai=n\n\nUser-agent: *\nAllow: /\nContent-Usage: /art/ train-ai=n # mine\n';

  it('counts by its rules for all robots and the path of the image', () => {
    const [signal, ...more] = readRobotsTxt(text, 'robots.txt', ['/art/a.jpg']);
    expect(more).toEqual([]);
    expect(signal).toMatchObject({ kind: 'aipref', value: 'disallow', locator: 'robots.txt, line 6' });
    expect(readRobotsTxt(text, 'robots.txt', ['/free/a.jpg'])).toEqual([]);
  });

  it('without a path is about the whole site, and a rule for one robot is about that robot', () => {
    expect(words(readRobotsTxt('User-Agent: A\nUser-Agent: *\nContent-Usage: train-ai=n', 'r', ['/a.jpg']))).toEqual([
      'aipref disallow',
    ]);
    expect(readRobotsTxt('User-agent: Bot\nDisallow: /\nContent-Usage: train-ai=n', 'r', ['/a.jpg'])).toEqual([]);
    expect(readRobotsTxt('User-agent: *\nDisallow: /', 'r', ['/a.jpg'])).toEqual([]);
  });
});

describe('robots.txt, in other terms', () => {
  const verdict = (text: string, path = '/art/a.jpg'): string =>
    combineSignals(readRobotsTxt(text, 'robots.txt', [path]));

  it.each([
    ['User-Agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /', 'opted-out'],
    ['User-agent: *\nContent-Signal: ai-train=no', 'opted-out'],
    ['Content-signal: /art/ ai-train=no', 'opted-out'],
    ['Content-signal: /other/ ai-train=no', 'unknown'],
    ['User-Agent: *\nContent-Signal: search=no, ai-input=no', 'unknown'],
    ['User-Agent: *\nContent-Signal: ai-train=yes', 'allowed'],
    ['User-agent: GPTBot\nDisallow: /', 'opted-out'],
    ['User-agent: ccbot\nDisallow: /', 'opted-out'],
    ['User-agent: Google-Extended\nDisallow: /art', 'opted-out'],
    ['User-agent: Applebot-Extended\nDisallow: *.jpg$', 'opted-out'],
    ['User-agent: GPTBot\nUser-agent: Bytespider\nUser-agent: Bingbot\nDisallow: /', 'opted-out'],
    ['User-agent: Bingbot\nUser-agent: GPTBot/1.1\nDisallow: /', 'opted-out'],
    ['User-agent: GPTBot\nDisallow: /private/', 'unknown'],
    ['User-agent: GPTBot\nDisallow:', 'unknown'],
    ['User-agent: GPTBot\nDisallow: /\nAllow: /art/', 'unknown'],
    ['User-agent: Googlebot\nDisallow: /', 'unknown'],
    ['User-agent: GPTBot\nAllow: /\nUser-agent: *\nDisallow: /', 'unknown'],
  ])('%j', (text, expected) => {
    expect(verdict(text)).toBe(expected);
  });

  it('names every robot that collects for training and is refused, and the line', () => {
    const text = 'User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n\nUser-agent: SomeBot\nDisallow: /';
    const signals = readRobotsTxt(text, 'robots.txt', ['/a.jpg']);
    expect(signals).toHaveLength(1);
    expect(signals[0]?.locator).toBe('robots.txt, line 3');
    expect(signals[0]?.statement).toContain('(gptbot, ccbot)');
  });

  it('is read from a header too', () => {
    expect(combineSignals(readHeaders('Content-Signal: ai-train=no, search=yes', 'h'))).toBe('opted-out');
  });
});

describe('ai.txt', () => {
  it.each([
    ['User-Agent: *\nDisallow: /', true],
    ['User-Agent: *\nDisallow: *.jpg\nAllow: *.png', true],
    ['User-Agent: *\nDisallow: *.png\nAllow: *.jpg', false],
    ['User-Agent: *\nDisallow: /\nAllow: /art/', false],
    ['User-Agent: *\nAllow: /\nDisallow: /art/', true],
    ['User-Agent: *\nDisallow:', false],
    ['no rules at all', false],
  ])('%j', (text, isForbidden) => {
    expect(combineSignals(readAiTxt(text, 'ai.txt', ['/art/a.jpg']))).toBe(isForbidden ? 'opted-out' : 'unknown');
  });
});

describe('a saved page', () => {
  it.each([
    ['<meta name="robots" content="index, noai, noimageai">', 'noai disallow'],
    ["<META CONTENT='1' NAME='tdm-reservation'>", 'tdmrep disallow'],
    ['<meta name=tdm-reservation content=1>', 'tdmrep disallow'],
    ['<meta http-equiv="Content-Usage" content="train-ai=n">', 'aipref disallow'],
  ])('says in %s: %s', (meta, said) => {
    expect(words(readPage(`<html><head>${meta}</head></html>`, 'page.html'))).toEqual([said]);
  });

  it('says nothing in a comment, or in other elements', () => {
    expect(readPage('<!-- <meta name="robots" content="noai"> --><meta name="author" content="noai">', 'p')).toEqual(
      [],
    );
  });

  it('shows an image by its name, as it is or encoded', () => {
    expect(pageShows('<img src="img/my%20cat.jpg">', 'my cat.jpg')).toBe(true);
    expect(pageShows('<img src="other.jpg">', 'my cat.jpg')).toBe(false);
  });
});
