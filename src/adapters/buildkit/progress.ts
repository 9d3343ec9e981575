import { solveStatus } from './schema';

const MAX_LINE = 2_000;
const KEPT_LINES = 20;

export interface ProgressReader {
  /** A line of rawjson, or the plain text that buildctl ends with. */
  read(line: string): void;
  /** What the failed step printed last, for the message. */
  lastLines(): readonly string[];
  /** The final `error: …`; empty when there was none. */
  error(): string;
}

/** Turns BuildKit's status stream to the lines that people read: each step's name, then its output. */
export function createProgressReader(onProgress?: (line: string) => void): ProgressReader {
  const named = new Set<string>();
  const kept: string[] = [];
  let error = '';

  function tell(line: string): void {
    onProgress?.(line.slice(0, MAX_LINE));
  }

  function keep(line: string): void {
    kept.push(line.slice(0, MAX_LINE));
    if (kept.length > KEPT_LINES) {
      kept.shift();
    }
  }

  function readText(line: string): void {
    const text = line.trim();
    if (text.startsWith('error: ')) {
      error = text.slice('error: '.length, MAX_LINE);
    }
  }

  function readStatus(raw: unknown): void {
    const status = solveStatus.safeParse(raw);
    if (!status.success) {
      return;
    }
    for (const vertex of status.data.vertexes ?? []) {
      if ((vertex.started ?? vertex.completed) && !named.has(vertex.digest)) {
        named.add(vertex.digest);
        tell(vertex.cached ? `${vertex.name} (cached)` : vertex.name);
      }
    }
    for (const log of status.data.logs ?? []) {
      const text = Buffer.from(log.data ?? '', 'base64').toString('utf8');
      for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
        keep(line);
        tell(`  ${line}`);
      }
    }
  }

  function read(line: string): void {
    if (!line.startsWith('{')) {
      readText(line);
      return;
    }
    try {
      readStatus(JSON.parse(line));
    } catch {
      // A line cut off when the process was killed.
    }
  }

  return { read, lastLines: () => kept, error: () => error };
}
