import { Option, type Command } from 'commander';
import { CreateRobotAnswer } from '../../../contract/schema/api-robot';
import { ROBOT_KINDS, type RepositoryScope } from '../../../domain/registry/principal';
import { DEFAULT_LIFETIME, parseLifetime } from '../../../domain/registry/robot-lifetime';
import { parseRepositoryScope } from '../../../domain/registry/robot-scope';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatNewSecret, formatRobot } from './format-robot';
import { parseAs } from './parse-as';
import { ROBOTS } from './robot-path';

interface Options extends JsonOption {
  readonly scope: readonly RepositoryScope[];
  readonly kind: string;
  readonly expires: string;
  readonly description?: string;
}

function collectScope(
  text: string,
  before: readonly RepositoryScope[] = [],
): readonly RepositoryScope[] {
  return [...before, parseAs(parseRepositoryScope, text)];
}

export function addRobotsCreate(parent: Command, cli: Cli): void {
  const command = parent
    .command('create <name>')
    .requiredOption(
      '--scope <repositories:actions>',
      'what it may do: pull, push, delete or *; again for more',
      collectScope,
    )
    .addOption(
      new Option('--kind <kind>', 'observer: its pulls are no activity; others need an admin')
        .choices(ROBOT_KINDS)
        .default('robot'),
    )
    .option(
      '--expires <time>',
      'how long it lives, at most 366d; never needs an admin',
      (text) => {
        parseAs(parseLifetime, text);
        return text;
      },
      DEFAULT_LIFETIME,
    )
    .option('--description <text>', 'what it is for');
  describe(command, 'Create a robot; its secret is shown this once', [
    'reg robots create checkout-ci --scope apps/checkout/**:pull,push --scope charts/checkout:pull,push',
    'reg robots create prod-cluster --scope **:pull --expires 366d',
  ]).action(async (name: string, { scope, kind, expires, description, json }: Options) => {
    const http = await cli.connect();
    const about = description === undefined ? {} : { description };
    const body = { name, kind, scopes: scope, expiresIn: expires, ...about };
    const answer = await http.post(ROBOTS, body, CreateRobotAnswer);
    cli.print(json ?? false, answer, (one) => formatRobot(one.robot) + formatNewSecret(one));
  });
}
