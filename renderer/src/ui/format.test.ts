/** @file How numbers are formatted. */
import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatBytes,
  formatPoints,
  formatRoughSeconds,
  formatSeconds,
  formatSetting,
  formatShare,
  formatValue,
  formatsIn,
} from './format.ts';

describe('formatting', () => {
  it('writes durations with at most two units', () => {
    expect(formatSeconds(3.26)).toBe('3.3 s');
    expect(formatSeconds(75)).toBe('1 min 15 s');
    expect(formatSeconds(3 * 3600 + 125)).toBe('3 h 02 min');
    expect(formatSeconds(null)).toBe('–');
  });

  it('writes estimates without digits that nobody can know', () => {
    expect([3.2, 44, 181, 1660, 6840, 9000].map(formatRoughSeconds)).toEqual([
      '4 s',
      '40 s',
      '3 min',
      '28 min',
      '1 h 54 min',
      '2 h 30 min',
    ]);
  });

  it('keeps small and large measurements readable', () => {
    expect(formatValue(0.123456)).toBe('0.123');
    expect(formatValue(0.00004)).toBe('4.0e-5');
    expect(formatValue(1234.56)).toBe('1,234.6');
    expect(formatValue(Number.NaN)).toBe('–');
  });

  it('writes settings as a person would type them', () => {
    expect(formatSetting(0.04)).toBe('0.04');
    expect(formatSetting(0.00002)).toBe('2e-5');
    expect(formatSetting(100)).toBe('100');
  });

  it('writes sizes, shares and ages', () => {
    expect(formatBytes(8 * 1024 * 1024)).toBe('8.0 MiB');
    expect(formatShare(0.425)).toBe('42.5%');
    expect(formatShare(0.42)).toBe('42%');
    expect(formatAgo('2026-01-01T00:00:00.000Z', new Date('2026-01-01T02:10:00.000Z'))).toBe('2 hours ago');
  });
});

describe('formatPoints', () => {
  it('gives a difference its sign, and nothing none', () => {
    expect([0.23, -0.041, 0.0001, Number.NaN].map(formatPoints)).toEqual(['+23.0', '−4.1', '0.0', '–']);
  });
});

describe('in German', () => {
  const german = formatsIn('de');

  it('uses a decimal comma, and a point for thousands', () => {
    expect(german.formatCount(12345)).toBe('12.345');
    expect(german.formatValue(1234.56)).toBe('1.234,6');
    expect(german.formatValue(0.00004)).toBe('4,0e-5');
    expect(german.formatSetting(0.04)).toBe('0,04');
    expect(german.formatBytes(8 * 1024 * 1024)).toBe('8,0 MiB');
    expect(german.formatSeconds(3.26)).toBe('3,3 s');
    expect(german.formatSigned(0.25)).toBe('+0,25');
    expect(german.formatPoints(-0.041)).toBe('−4,1');
  });

  it('sets a space before the percent sign that no line breaks at', () => {
    expect(german.formatShare(0.425)).toBe('42,5\u00a0%');
  });

  it('writes dates and ages', () => {
    expect(german.formatDate('2026-01-31T12:00:00')).toBe('31.01.2026, 12:00');
    expect(german.formatAgo('2026-01-01T00:00:00.000Z', new Date('2026-01-01T02:10:00.000Z'))).toBe('vor 2 Stunden');
  });
});
