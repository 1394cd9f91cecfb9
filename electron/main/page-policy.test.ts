import { describe, expect, it } from 'vitest';
import { isLocal, isPage, PAGE_HEADERS, PAGE_URL } from './page-policy.ts';

const OUTSIDE = [
  'https://example.org/',
  'http://127.0.0.1:8080/',
  'ws://localhost/rpc',
  'file:///etc/passwd',
  'ftp://example.org/x',
  'studio://other/',
  'studio://app.example.org/',
  'blob:https://example.org/1234',
  'javascript:alert(1)',
  'about:blank',
  'not an address',
  '',
];

describe('what the page may reach', () => {
  it.each(OUTSIDE)('blocks %j', (url) => {
    expect(isLocal(url)).toBe(false);
    expect(isPage(url)).toBe(false);
  });

  it('lets the page, its images and its own blobs through', () => {
    for (const url of [
      PAGE_URL,
      `${PAGE_URL}assets/index.js`,
      'media://dataset/sample?size=160',
      'data:image/png;base64,AA==',
    ]) {
      expect(isLocal(url)).toBe(true);
    }
    expect(isLocal(`blob:${PAGE_URL}0b1c`)).toBe(true);
  });

  it('opens developer tools only where they are asked for', () => {
    expect(isLocal('devtools://devtools/bundled/x.js')).toBe(false);
    expect(isLocal('devtools://devtools/bundled/x.js', { allowDevtools: true })).toBe(true);
  });

  it('takes scripts from the page alone', () => {
    const policy = PAGE_HEADERS['Content-Security-Policy'] ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(policy).not.toMatch(/https?:/);
  });
});
