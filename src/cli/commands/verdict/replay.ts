import type { Command } from 'commander';
import path from 'node:path';
import { ERRORS } from '../../../contract/errors';
import { VerdictList } from '../../../contract/schema/api-verdict';
import { describe, type Cli, type JsonOption } from '../../cli';
import type { Paint } from '../../output/style';
import { releasePath } from '../../references';
import { plain } from './plain-text';
import { isFile, readVerdictFile, type VerdictFile } from './replay-file';
import { replayVerdicts, type ReplayAnswer, type ReplayedVerdict } from './replay-verdicts';

export function addVerdictReplay(parent: Command, cli: Cli): void {
  const command = parent
    .command('replay')
    .argument('<release-or-file>', 'a release, or a file with its verdicts or its attestation');
  describe(command, 'Judge the stored samples of a release again and compare the answers', [
    'reg verdict replay checkout/1.4.0_3f2a9c1',
    'reg verdict replay ./verdicts.json',
  ]).action(async (name: string, { json }: JsonOption) => {
    const answer = mergeAnswers(await readSource(cli, name));
    cli.print(json ?? false, answer, (one) => format(one, cli.paint));
    if (!answer.same) cli.exitWith(ERRORS.ATTESTATION_INVALID.exit);
    else if (answer.replayed === 0) cli.exitWith(ERRORS.RELEASE_NOT_FOUND.exit);
  });
}

/** A file needs no server: that is what it is for. */
async function readSource(cli: Cli, name: string): Promise<readonly VerdictFile[]> {
  const file = path.resolve(cli.context.cwd, name);
  if (await isFile(file)) return readVerdictFile(file);
  const http = await cli.connect();
  const { digest, verdicts } = await http.get(releasePath(name, 'verdicts'), VerdictList);
  return [{ digest, verdicts }];
}

function mergeAnswers(sources: readonly VerdictFile[]): ReplayAnswer {
  const answers = sources.map(({ digest, verdicts }) => replayVerdicts(verdicts, digest));
  return {
    same: answers.every((one) => one.same),
    replayed: answers.reduce((sum, one) => sum + one.replayed, 0),
    verdicts: answers.flatMap((one) => one.verdicts),
  };
}

const WORDS: Record<ReplayedVerdict['result'], string> = {
  same: 'same',
  different: 'DIFFERENT',
  unreadable: 'UNREADABLE',
  'not-kept': 'no samples kept',
};

function format({ verdicts, same, replayed }: ReplayAnswer, paint: Paint): string {
  const lines = verdicts.flatMap((one) => {
    const bad = one.result === 'different' || one.result === 'unreadable';
    const color = bad ? paint.red : one.result === 'same' ? paint.green : paint.yellow;
    const word = color(WORDS[one.result].padEnd(15));
    return [
      `${word}  ${one.gate} ${plain(one.subject)}: ${one.outcome}`,
      ...one.differences.map((line) => `${' '.repeat(17)}${plain(line)}`),
    ];
  });
  const end =
    replayed === 0
      ? 'Nothing could be judged again: no window has samples.'
      : same
        ? `${replayed} judged again, the same answers.`
        : `${replayed} judged again, and not all answers are the same.`;
  return `${[...lines, end].join('\n')}\n`;
}
