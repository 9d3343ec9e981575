import type { Command } from 'commander';
import { ExceptionView } from '../../../contract/schema/api-exception';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatException } from './format-exception';
import { EXCEPTIONS } from './path';

interface Options extends JsonOption {
  readonly package: string;
  readonly packageVersion?: string;
  readonly svc?: string;
  readonly owner: string;
  readonly reason: string;
  readonly expires: string;
  readonly breakGlass?: boolean;
}

const EXAMPLES = [
  'reg exception request CVE-2026-1234 --package pkg:npm/qs --svc checkout --owner team-payments --reason "not reachable, fix in 4711" --expires 2026-12-01',
  'reg exception request CVE-2026-1234 --package qs --package-version 6.5.2 --owner team-web --reason "no fix yet" --expires 30d',
  'reg exception request CVE-2026-9999 --break-glass --package openssl --svc checkout --owner team-payments --reason "outage, see INC-12" --expires 4h',
];

export function addExceptionRequest(parent: Command, cli: Cli): void {
  const command = parent
    .command('request <vulnerability>')
    .requiredOption('--package <package>', 'a purl such as pkg:npm/qs, or the name in the scan')
    .option('--package-version <version>', 'this version only; every version without it')
    .option('--svc <service>', 'for this service only; for every service without it')
    .requiredOption('--owner <who>', 'who answers for the risk; may not approve it')
    .requiredOption('--reason <text>', 'why; it is recorded')
    .requiredOption(
      '--expires <when>',
      'a date (2026-12-01 ends at midnight UTC at its start), a time with offset, or 12h, 30d',
    )
    .option('--break-glass', 'for a Critical or High: hours, and two people of that role');
  describe(
    command,
    'Ask that a Medium vulnerability in a package be let pass; it covers nothing until it is approved',
    EXAMPLES,
  ).action(async (vulnerability: string, options: Options) => {
    const { json, breakGlass, packageVersion, ...body } = options;
    const http = await cli.connect();
    const exception = await http.post(
      EXCEPTIONS,
      {
        ...body,
        vulnerability,
        kind: breakGlass === true ? 'break-glass' : 'standard',
        ...(packageVersion !== undefined && { version: packageVersion }),
      },
      ExceptionView,
    );
    cli.print(json ?? false, exception, (one) => formatException(one, cli.paint));
  });
}
