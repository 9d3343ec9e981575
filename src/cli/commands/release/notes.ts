import type { Command } from 'commander';
import { NotesAnswer } from '../../../contract/schema/api-release';
import { describe, type Cli, type JsonOption } from '../../cli';
import { releasePath } from '../../references';

export function addNotes(parent: Command, cli: Cli): void {
  describe(parent.command('notes <release>'), 'Show the release notes, Markdown', [
    'reg notes checkout/1.4.0_3f2a9c1',
  ]).action(async (release: string, { json }: JsonOption) => {
    const http = await cli.connect();
    const answer = await http.get(releasePath(release, 'notes'), NotesAnswer);
    cli.print(json ?? false, answer, (one) => `${one.notes.trimEnd()}\n`);
  });
}
