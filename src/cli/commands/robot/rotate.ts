import type { Command } from 'commander';
import { RotateRobotAnswer } from '../../../contract/schema/api-robot';
import { DEFAULT_GRACE, parseGrace } from '../../../domain/registry/robot-lifetime';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { formatNewSecret } from './format-robot';
import { parseAs } from './parse-as';
import { robotPath } from './robot-path';

interface Options extends JsonOption {
  readonly grace: string;
  readonly yes?: boolean;
}

export function addRobotsRotate(parent: Command, cli: Cli): void {
  const command = parent
    .command('rotate <name>')
    .option(
      '--grace <time>',
      'how long the old secret works on; 0s ends it now',
      (text) => {
        parseAs(parseGrace, text);
        return text;
      },
      DEFAULT_GRACE,
    )
    .option('--yes', 'do not ask before ending the old secret now');
  describe(command, 'Give a robot a new secret, shown this once', [
    'reg robots rotate checkout-ci',
    'reg robots rotate checkout-ci --grace 0s --yes',
  ]).action(async (name: string, { grace, yes, json }: Options) => {
    const http = await cli.connect();
    if (parseGrace(grace) === 0) {
      const question = `End the secret of ${name} now? Whoever uses it is logged out.`;
      await requireConsent(cli.context, yes, question);
    }
    const answer = await http.post(robotPath(name, 'rotate'), { grace }, RotateRobotAnswer);
    cli.print(
      json ?? false,
      answer,
      (one) => `${formatNewSecret(one)}old      works until ${one.oldSecretValidUntil}\n`,
    );
  });
}
