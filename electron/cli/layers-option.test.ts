import { describe, expect, it } from 'vitest';
import { DEFAULT_ADAPTER } from '../method/defaults.ts';
import { plainAdapter } from '../method/adapter-parts.ts';
import { Arguments } from './arguments.ts';
import { layersOption } from './layers-option.ts';

const typed = (...values: string[]): Arguments =>
  new Arguments(new Map(values.length === 0 ? [] : [['layers', values]]), '/');

describe('--layers', () => {
  it('sets the parts of the adapter and leaves its other settings alone', () => {
    expect(layersOption(typed(), undefined)).toEqual({});
    expect(layersOption(typed('vision, merger,vision'), undefined)).toEqual({
      adapter: { ...DEFAULT_ADAPTER, layers: ['vision', 'merger'] },
    });
    expect(layersOption(typed('merger', 'vision'), undefined)).toMatchObject({
      adapter: { layers: ['merger', 'vision'] },
    });
    const given = { kind: 'lora', r: 3, loraAlpha: 6, targetModules: ['q_proj'] };
    expect(layersOption(typed('language'), given)).toEqual({ adapter: { ...given, layers: ['language'] } });
  });

  it('refuses other parts, and a recipe without an adapter', () => {
    expect(() => layersOption(typed('tower'), undefined)).toThrow('--layers does not take "tower".');
    expect(() => layersOption(typed('vision'), { kind: 'full' })).toThrow('trains all weights');
  });
});

describe('the parts of an adapter in a recipe', () => {
  it('have one spelling, and none for the language model alone, so that recipes of earlier versions keep their hash', () => {
    const adapter = { kind: 'lora' as const, r: 2, loraAlpha: 4, targetModules: ['q_proj' as const] };
    expect(plainAdapter({ ...adapter, layers: ['language'] })).toEqual(adapter);
    expect(plainAdapter(adapter)).toEqual(adapter);
    expect(plainAdapter({ ...adapter, layers: ['vision', 'language', 'vision'] })).toEqual({
      ...adapter,
      layers: ['language', 'vision'],
    });
  });
});
