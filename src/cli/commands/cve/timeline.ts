import type { Command } from 'commander';
import { CaseDetail } from '../../../contract/schema/api-advisory';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatTimeline } from './format-case';
import { advisoryPath } from './path';

export function addCveTimeline(parent: Command, cli: Cli): void {
  describe(
    parent.command('timeline <advisory>'),
    'Show the case of an advisory: what it hits, what is left, what was done and what is to do',
    ['reg cve timeline CVE-2026-1234'],
  ).action(async (advisory: string, { json }: JsonOption) => {
    const http = await cli.connect();
    const one = await http.get(advisoryPath(advisory), CaseDetail);
    cli.print(json ?? false, one, (detail) => formatTimeline(detail, cli.paint));
  });
}
