import { InvalidArgumentError, type Command } from 'commander';
import type { CliContext } from './context';
import { createHttpClient, type HttpClient } from './http-client';
import { createPaint, type Paint } from './output/style';

/** What a command's handler works with. */
export interface Cli {
  readonly context: CliContext;
  readonly paint: Paint;
  connect(): Promise<HttpClient>;
  /** Prints `value` as JSON, or the text that `format` makes of it. */
  print<Value>(json: boolean, value: Value, format: (value: Value) => string): void;
  /** Exit code of a command that worked but has bad news, e.g. a rejected release. */
  exitWith(code: number): void;
}

export interface JsonOption {
  readonly json?: boolean;
}

export function createCli(context: CliContext, exitWith: (code: number) => void): Cli {
  return {
    context,
    paint: createPaint(context.colors),
    connect: () => createHttpClient(context),
    print: (json, value, format) => {
      context.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : format(value));
    },
    exitWith,
  };
}

/** For `--limit`. */
export function parseCount(text: string): string {
  if (/^[1-9]\d{0,3}$/.test(text)) return text;
  throw new InvalidArgumentError('It takes a whole number from 1 up.');
}

/** Every command takes `--json` and shows examples in its help. */
export function describe(command: Command, summary: string, examples: readonly string[]): Command {
  return command
    .description(summary)
    .option('--json', 'print JSON for programs')
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  $ plura ${line}`).join('\n')}`);
}
