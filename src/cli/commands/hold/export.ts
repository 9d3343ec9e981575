import type { Command } from 'commander';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { failureReason } from '../../../contract/error-reason';
import { ReleaseError } from '../../../contract/errors';
import { describe, type Cli, type JsonOption } from '../../cli';
import { copyPath } from './path';

interface Options extends JsonOption {
  readonly output?: string;
}

export function addHoldExport(parent: Command, cli: Cli): void {
  const command = parent
    .command('export <id>')
    .option('--output <file>', 'where to; default incident-ID.tar in this folder');
  describe(
    command,
    'Save an incident copy with its evidence, as a tar of an OCI image layout, each content hashed on the way',
    ['reg hold export 0123456789abcdef --output incident-4711.tar'],
  ).action(async (id: string, { output, json }: Options) => {
    const http = await cli.connect();
    const file = path.resolve(cli.context.cwd, output ?? `incident-${id}.tar`);
    const bytes = await save(await http.download(copyPath(id, 'export')), file);
    cli.print(json ?? false, { id, file, bytes }, () => `${file}: ${bytes} bytes\n`);
  });
}

/** Nothing is at `file` until all of it has come. */
async function save(chunks: AsyncIterable<Uint8Array>, file: string): Promise<number> {
  const partial = `${file}.partial`;
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  // Open before anything can break off: a stream that opens its file late would leave it behind.
  const handle = await openNew(partial);
  try {
    await pipeline(counted(), handle.createWriteStream());
    await rename(partial, file);
    return bytes;
  } catch (cause) {
    await rm(partial, { force: true });
    throw cause instanceof ReleaseError ? cause : broken(file, cause);
  }
}

async function openNew(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx');
  } catch (cause) {
    throw new ReleaseError('INVALID_INPUT', `${file} can't be written: ${failureReason(cause)}`, {
      cause,
      details: { field: 'output', remedy: 'give another --output, or remove what is left there' },
    });
  }
}

function broken(file: string, cause: unknown): ReleaseError {
  return new ReleaseError('API_UNAVAILABLE', `The export broke off, nothing is at ${file}`, {
    cause,
    details: { remedy: 'see whether the copy is whole: plura reg hold verify' },
  });
}
