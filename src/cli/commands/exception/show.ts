import type { Command } from 'commander';
import { ExceptionDetail } from '../../../contract/schema/api-exception';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatDetail } from './format-exception';
import { exceptionPath } from './path';

export function addExceptionShow(parent: Command, cli: Cli): void {
  const command = parent.command('show <id>');
  describe(command, 'Show an exception, and the digests and channels that rest on it', [
    'reg exception show 3f2a9c1d0b7e4a55',
  ]).action(async (id: string, { json }: JsonOption) => {
    const http = await cli.connect();
    const exception = await http.get(exceptionPath(id), ExceptionDetail);
    cli.print(json ?? false, exception, (one) => formatDetail(one, cli.paint));
  });
}
