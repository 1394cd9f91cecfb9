/** @file Turns an `argv` into a command, its positional arguments and its options. Commander does the parsing. */
import { Command as Parser, CommanderError, InvalidArgumentError, Option } from 'commander';
import { AtelierError } from '../contract/errors/errors.ts';
import type { OptionValues } from './arguments.ts';
import { COMMON_OPTIONS, type Command, type CommandOption } from './command.ts';

export interface Parsed {
  command: Command;
  positional: readonly (string | undefined)[];
  options: OptionValues;
}

export interface ParseOptions {
  argv: readonly string[];
  version: string;
  commands: readonly Command[];
  /** Where help and the version are printed. */
  print: (text: string) => void;
}

/**
 * Null if help or the version was requested and has been printed.
 * @throws AtelierError BAD_INPUT for a command, option or argument that does not exist, or that lacks its value
 */
export function parseCommandLine({ argv, version, commands, print }: ParseOptions): Parsed | null {
  let matched: Parsed | null = null;
  const program = new Parser('atelier')
    .version(version, '-v, --version')
    .helpOption('-h, --help', 'Show the options of a command')
    .helpCommand(false)
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined, outputError: () => undefined })
    .configureHelp({ showGlobalOptions: true });
  for (const option of COMMON_OPTIONS) program.addOption(parserOption(option, argv));
  for (const command of commands) {
    addCommand(program, command, argv, (found) => {
      matched = found;
    });
  }
  if (argv.length === 0) {
    program.outputHelp();
    return null;
  }
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return null;
    throw usageError(error, argv);
  }
  return matched;
}

type OnMatch = (found: Parsed) => void;

function addCommand(parent: Parser, command: Command, argv: readonly string[], onMatch: OnMatch): void {
  const parser = parent.command(command.usage).description(command.summary).allowExcessArguments(false);
  for (const option of command.options ?? []) parser.addOption(parserOption(option, argv));
  if (command.examples !== undefined) {
    parser.addHelpText('after', `\nExamples:\n${command.examples.map((example) => `  ${example}`).join('\n')}`);
  }
  for (const subcommand of command.subcommands ?? []) addCommand(parser, subcommand, argv, onMatch);
  parser.action(() => {
    refuseParents(parser);
    onMatch({ command, positional: parser.processedArgs as (string | undefined)[], options: valuesOf(parser) });
  });
}

/** Values stay text, so that "007" keeps its zeros; a repeatable option that is given twice keeps both. */
function parserOption([flags, description, kind]: CommandOption, argv: readonly string[]): Option {
  const option = new Option(flags, description).hideHelp(kind === 'hidden');
  if (!option.required) return option;
  return option.argParser<string[] | undefined>((value, earlier) => {
    // `--name --json` lacks a name. To pass the text "--json", write `--name=--json`.
    if (value.startsWith('--') && !argv.includes(`${option.long ?? ''}=${value}`)) {
      throw new InvalidArgumentError(`The option ${option.long ?? flags} needs a value.`);
    }
    if (earlier !== undefined && kind !== 'repeatable') throw givenTwice(option.long ?? flags);
    return [...(earlier ?? []), value];
  });
}

/** One of the two values would have no effect, and the command would not say so. */
function givenTwice(option: string): AtelierError {
  return new AtelierError('BAD_INPUT', `The option ${option} was given twice, and this command takes it once.`, {
    place: { field: option },
    remedy:
      option === '--dataset'
        ? 'Name one dataset. `train`, `plan` and `handoff` mix several.'
        : `Keep one ${option}, and leave the other out.`,
  });
}

/** Commander gives a command's options to its parent if that has one of the same name; all others belong to one. */
function refuseParents(parser: Parser): void {
  const own = parser.options.map(({ long }) => long);
  for (let at = parser.parent; at?.parent; at = at.parent) {
    for (const option of at.options) {
      if (own.includes(option.long) || at.getOptionValue(option.attributeName()) === undefined) continue;
      const name = option.long ?? option.flags;
      throw new AtelierError('BAD_INPUT', `\`${at.name()} ${parser.name()}\` has no option ${name}.`, {
        place: { field: name },
        remedy: SEE_HELP,
      });
    }
  }
}

function valuesOf(parser: Parser): OptionValues {
  const values = new Map<string, readonly string[]>();
  for (let at: Parser | null = parser; at !== null; at = at.parent) {
    for (const option of at.options) {
      const value: unknown = at.getOptionValue(option.attributeName());
      if (value !== undefined && option.long !== undefined && option.long !== null) {
        values.set(option.long.slice(2), Array.isArray(value) ? (value as string[]) : []);
      }
    }
  }
  return values;
}

const SEE_HELP = 'Add --help to the command to see its options.';

/** Rephrases Commander's error in our own style: what is wrong, and what to do. */
function usageError(error: CommanderError, argv: readonly string[]): AtelierError {
  const [first = '', ...hints] = error.message.replace(/^error: /, '').split('\n');
  const hint = hints.join(' ').replace(/^\((.*)\)$/, '$1');
  const remedy = (rest: string): string => (hint === '' ? rest : `${hint} ${rest}`);
  const named = /'([^']*)'/.exec(first)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownCommand':
    case 'commander.help':
      return new AtelierError('BAD_INPUT', `There is no command "${named === '' ? (argv[0] ?? '') : named}".`, {
        remedy: remedy('Run `atelier --help` to see the commands.'),
      });
    case 'commander.unknownOption':
      return new AtelierError('BAD_INPUT', `There is no option ${named} here.`, {
        place: { field: named },
        remedy: remedy(SEE_HELP),
      });
    case 'commander.missingArgument':
      return new AtelierError('BAD_INPUT', `The command needs one more argument: ${named}.`, {
        place: { field: named },
        remedy: SEE_HELP,
      });
    case 'commander.optionMissingArgument':
      return new AtelierError('BAD_INPUT', `The option ${named.split(' ')[0] ?? named} needs a value.`, {
        place: { field: named.split(' ')[0] ?? named },
        remedy: SEE_HELP,
      });
    case 'commander.invalidArgument':
      // The reason follows commander's own text about the option.
      return new AtelierError('BAD_INPUT', first.slice(first.indexOf('is invalid. ') + 'is invalid. '.length), {
        remedy: SEE_HELP,
      });
    default:
      return new AtelierError('BAD_INPUT', `${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.?$/, '.')}`, {
        remedy: remedy(SEE_HELP),
        cause: error,
      });
  }
}
