import { open } from 'node:fs/promises';

const TAIL_BYTES = 4 * 1024;
const TAIL_LINES = 10;
const LINE_LENGTH = 300;

/** The last lines of a text file, bounded; empty when it isn't there. Control characters are replaced. */
export async function readTail(file: string): Promise<readonly string[]> {
  const handle = await open(file, 'r').catch(() => null);
  if (!handle) {
    return [];
  }
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await handle.read(buffer, 0, buffer.length, size - buffer.length);
    const lines = buffer.toString('utf8').split('\n');
    return lines
      .map((line) => line.replace(/[^\P{Cc}\t]/gu, '?').slice(0, LINE_LENGTH))
      .filter((line) => line.trim() !== '')
      .slice(-TAIL_LINES);
  } finally {
    await handle.close();
  }
}
