import type { Command } from 'commander';
import { BaseApprovalView } from '../../../contract/schema/api-base';
import { describe, type Cli, type JsonOption } from '../../cli';
import { BASES } from './path';

interface Options extends JsonOption {
  readonly reason: string;
  readonly acceptFindings?: boolean;
}

export function addBaseAllow(parent: Command, cli: Cli): void {
  const command = parent
    .command('allow <family> <digest>')
    .requiredOption('--reason <text>', "how you know that it is the vendor's; it is recorded")
    .option('--accept-findings', 'let it in with the Critical and High that are found in it');
  describe(
    command,
    'Approve a digest of a family whose vendor signs nothing, or what is found in it; whoever imports it is somebody else',
    [
      'reg base allow alpine sha256:… --reason "as in the release notes of 3.22.2"',
      'reg base allow ubi-minimal sha256:… --accept-findings --reason "no fix yet, see 4711"',
    ],
  ).action(async (family: string, digest: string, options: Options) => {
    const { reason, acceptFindings = false, json = false } = options;
    const http = await cli.connect();
    const body = { family, digest, reason, acceptFindings };
    const approval = await http.post(`${BASES}/approvals`, body, BaseApprovalView);
    cli.print(
      json,
      approval,
      () => `${digest} may come in as ${family}: plura reg base import ${family}\n`,
    );
  });
}
