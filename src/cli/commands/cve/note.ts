import type { Command } from 'commander';
import { CaseView } from '../../../contract/schema/api-advisory';
import { describe, type Cli, type JsonOption } from '../../cli';
import { advisoryPath } from './path';

export function addCveNote(parent: Command, cli: Cli): void {
  describe(
    parent.command('note <advisory> <text>'),
    'Write what was found or done into the timeline of an advisory',
    ['reg cve note CVE-2026-1234 "the fix is in 1.4.2, released this afternoon"'],
  ).action(async (advisory: string, text: string, { json }: JsonOption) => {
    const http = await cli.connect();
    const one = await http.post(advisoryPath(advisory, 'notes'), { text }, CaseView);
    cli.print(json ?? false, one, () => `Noted; see: plura reg cve timeline ${advisory}\n`);
  });
}
