import { ERRORS } from '../../../contract/errors';
import { GcExplanation } from '../../../contract/schema/api-gc';
import type { Cli } from '../../cli';
import { resolveImage } from '../../references';
import { formatItem } from './format-item';
import { GC } from './path';

export async function explain(cli: Cli, image: string, json: boolean): Promise<void> {
  const http = await cli.connect();
  const ref = await resolveImage(http, image);
  const query = new URLSearchParams({ ref }).toString();
  const answer = await http.get(`${GC}/explain?${query}`, GcExplanation);
  cli.print(json, answer, (one) => formatExplanation(one, cli));
  if (answer.outcome === 'absent') cli.exitWith(ERRORS.DIGEST_NOT_FOUND.exit);
}

function formatExplanation(answer: GcExplanation, { paint }: Cli): string {
  const { repository, reference, outcome, digest, chain, items } = answer;
  const name = `${repository}${reference.startsWith('sha256:') ? '@' : ':'}${reference}`;
  if (outcome === 'absent') return `${name}: the record of the registry has no such thing\n`;
  const verdict = outcome === 'keep' ? paint.green('stays') : paint.yellow('goes');
  const steps = chain.map(({ tag, digest: at, why }) => `  ${tag ?? at}: ${why}`);
  return `${[`${name} (${digest ?? '-'}) ${verdict}`, ...steps, ...items.map(formatItem)].join('\n')}\n`;
}
