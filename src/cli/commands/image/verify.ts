import type { Command } from 'commander';
import { ERRORS } from '../../../contract/errors';
import { VerifyAnswer } from '../../../contract/schema/api-verify';
import { describe, type Cli, type JsonOption } from '../../cli';
import type { Paint } from '../../output/style';
import { resolveRepository } from '../../references';
import { plain } from '../verdict/plain-text';

interface Options extends JsonOption {
  readonly requireVerdicts?: boolean;
}

export function addVerify(parent: Command, cli: Cli): void {
  const command = parent
    .command('verify')
    .argument('<image>', 'service or repository, with @sha256:… for one digest')
    .argument('[channel]', 'what this channel holds', 'prod:stable')
    .option('--require-verdicts', 'fail where no verdicts are attested, as for early releases');
  describe(command, 'Check signatures, attestations, log proof and verdicts of an image', [
    'reg verify checkout prod:stable',
    'reg verify apps/checkout/checkout@sha256:…',
  ]).action(async (image: string, channel: string, { json, requireVerdicts }: Options) => {
    const http = await cli.connect();
    const [name = '', digest] = image.split('@');
    const repo = await resolveRepository(http, name);
    const subject = digest === undefined ? { channel } : { digest };
    const required = requireVerdicts ? { requireVerdicts: 'true' } : {};
    const query = new URLSearchParams({ repo, ...subject, ...required }).toString();
    const answer = await http.get(`/v1/registry/verify?${query}`, VerifyAnswer);
    cli.print(json ?? false, answer, (one) => formatChecks(one, cli.paint));
    if (!answer.ok) cli.exitWith(ERRORS.SIGNATURE_INVALID.exit);
  });
}

function formatChecks(answer: VerifyAnswer, paint: Paint): string {
  const checks = answer.checks.flatMap(({ name, ok, why, outcomes = [] }) => {
    const mark = ok ? paint.green('✓') : paint.red('✗');
    return [
      `  ${mark} ${name.padEnd(12)} ${why}`,
      ...outcomes.map(({ gate, subject, outcome }) =>
        paint.dim(`      ${outcome.padEnd(12)} ${gate} ${plain(subject)}`),
      ),
    ];
  });
  return `${[paint.bold(answer.image), ...checks].join('\n')}\n`;
}
