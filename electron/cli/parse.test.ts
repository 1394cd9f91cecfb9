/** @file How a command line is read: options before and after the command, subcommands, mistakes, help. */
import { describe, expect, it } from 'vitest';
import { AtelierError } from '../contract/errors/errors.ts';
import { Arguments } from './arguments.ts';
import type { Command } from './command.ts';
import { commands } from './commands/all.ts';
import { parseCommandLine, type Parsed } from './parse.ts';

const done = (): Promise<undefined> => Promise.resolve(undefined);

const paint: Command = {
  usage: 'paint [wall]',
  summary: 'Paint a wall',
  options: [
    ['--colour <name>', 'Colour (repeatable)', 'repeatable'],
    ['--width <cm>', 'Width of the brush'],
    ['--twice', 'Two coats'],
    ['--old <name>', 'Now `paint strip`', 'hidden'],
  ],
  examples: ['atelier paint north --colour red'],
  subcommands: [{ usage: 'strip <wall>', summary: 'Strip a wall', options: [['--wet', 'With water']], run: done }],
  run: done,
};

function parse(...argv: string[]): { parsed: Parsed; args: Arguments } {
  const parsed = parseCommandLine({ argv, version: '1.2.3', commands: [paint], print: () => undefined });
  if (parsed === null) throw new Error('only help was printed');
  return { parsed, args: new Arguments(parsed.options, '/here') };
}

function printed(...argv: string[]): string {
  let text = '';
  expect(parseCommandLine({ argv, version: '1.2.3', commands: [paint], print: (more) => (text += more) })).toBeNull();
  return text;
}

function refusal(...argv: string[]): AtelierError {
  try {
    parse(...argv);
  } catch (error) {
    if (error instanceof AtelierError) return error;
  }
  throw new Error('it was not refused');
}

describe('options', () => {
  it.each([
    ['before the command', ['--home', '/else', 'paint', 'north']],
    ['after the command', ['paint', 'north', '--home', '/else']],
    ['before a subcommand', ['paint', '--home=/else', 'strip', 'north']],
    ['before everything', ['--home', '/else', 'paint', 'strip', 'north']],
  ])('reads --home %s', (_where, argv) => {
    const { parsed, args } = parse(...argv);
    expect(args.text('home')).toBe('/else');
    expect(parsed.positional).toEqual(['north']);
  });

  it('keeps values as they were typed, and every value of an option that is given twice', () => {
    const { args } = parse('paint', '007', '--colour', '007', '--colour=', '--colour', '-1');
    expect(args.all('colour')).toEqual(['007', '', '-1']);
    expect(args.flag('twice')).toBe(false);
    expect(parse('paint', '--twice').args.flag('twice')).toBe(true);
  });

  it('refuses a second value of an option that takes one, and an option that belongs to the command above', () => {
    expect(refusal('paint', '--width', '3', '--width', '4').message).toBe(
      'The option --width was given twice, and this command takes it once.',
    );
    expect(refusal('paint', 'strip', 'north', '--width', '3').message).toBe('`paint strip` has no option --width.');
    const dataset = {
      code: 'BAD_INPUT',
      place: { field: '--dataset' },
      remedy: expect.stringContaining('mix several'),
    };
    for (const command of ['bench-rewards', 'sweep', 'contest', 'eval']) {
      const argv = [command, '--dataset', 'counting=1', '--dataset', 'geometry=1'];
      expect(() => parseCommandLine({ argv, version: '1', commands, print: () => undefined })).toThrow(
        expect.objectContaining(dataset),
      );
    }
  });

  it('takes a value that looks like an option only where it is attached', () => {
    expect(refusal('paint', '--colour', '--twice').message).toBe('The option --colour needs a value.');
    expect(parse('paint', '--colour=--twice').args.text('colour')).toBe('--twice');
  });

  it('reads nothing as an option after "--"', () => {
    expect(parse('paint', '--', '--twice').parsed.positional).toEqual(['--twice']);
  });
});

describe('commands', () => {
  it('finds a command, its subcommand, and the words that belong to them', () => {
    expect(parse('paint').parsed).toMatchObject({ command: paint, positional: [undefined] });
    expect(parse('paint', 'north').parsed).toMatchObject({ command: paint, positional: ['north'] });
    const { parsed, args } = parse('paint', 'strip', 'north', '--wet');
    expect(parsed).toMatchObject({ command: paint.subcommands?.[0], positional: ['north'] });
    expect(args.flag('wet')).toBe(true);
  });

  it.each([
    [['pant'], 'There is no command "pant".', 'Did you mean paint?'],
    [['paint', '--color', 'red'], 'There is no option --color here.', 'Did you mean --colour?'],
    [['paint', 'north', 'south'], 'Too many arguments', '--help'],
    [['paint', 'strip'], 'The command needs one more argument: wall.', '--help'],
    [['paint', '--colour'], 'The option --colour needs a value.', '--help'],
    [['--twice', 'paint'], 'There is no option --twice here.', '--help'],
  ])('refuses %j', (argv, message, remedy) => {
    const error = refusal(...argv);
    expect(error.code).toBe('BAD_INPUT');
    expect(error.message).toContain(message);
    expect(error.remedy).toContain(remedy);
  });
});

describe('help', () => {
  it.each([[[]], [['--help']], [['-h']]])('%j lists the commands and the options of all', (argv) => {
    expect(printed(...argv)).toMatch(/paint \[options\] \[wall\]\s+Paint a wall/);
    expect(printed(...argv)).toContain('--home <dir>');
  });

  it('shows options, subcommands and examples of a command, and hides older spellings', () => {
    const text = printed('paint', '--help');
    for (const part of ['--colour <name>', 'strip [options] <wall>', 'atelier paint north --colour red', '--json']) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('--old');
  });

  it('prints the version', () => {
    expect(printed('--version').trim()).toBe('1.2.3');
    expect(printed('-v').trim()).toBe('1.2.3');
  });
});

it('every real command has a summary, options with descriptions, and no name twice', () => {
  const names = commands.map(({ usage }) => usage.split(' ')[0]);
  expect(new Set(names).size).toBe(names.length);
  for (const command of commands) {
    for (const one of [command, ...(command.subcommands ?? [])]) {
      expect(one.summary).not.toBe('');
      for (const [flags, description] of one.options ?? []) expect(`${flags} ${description}`).toMatch(/^--\S+.* \S/);
    }
  }
});
