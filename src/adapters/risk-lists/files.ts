import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import type { RiskFacts } from '../../domain/scan/risk';
import type { RiskLists } from '../../ports/risk-lists';
import { parseEpss } from './epss';
import { KevCatalog } from './schema';

interface RiskListFiles {
  /** Null: none is given. */
  readonly kevFile: string | null;
  readonly epssFile: string | null;
}

/** KEV has 2 MB, EPSS 12 MB. */
const MAX_BYTES = 128 * 1024 * 1024;

interface ReadFile<T> {
  readonly digest: string;
  readonly content: T;
}

function unpack(bytes: Buffer): string {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return (isGzip ? gunzipSync(bytes, { maxOutputLength: MAX_BYTES }) : bytes).toString('utf8');
}

/** Read again when size, time or inode of the file change. */
function createList<T>(
  name: string,
  file: string,
  parse: (text: string) => T,
): () => Promise<ReadFile<T>> {
  let known: { readonly mark: string; readonly read: ReadFile<T> } | null = null;

  async function read(): Promise<ReadFile<T>> {
    const { size, mtimeMs, ino } = await stat(file);
    const mark = `${size}/${mtimeMs}/${ino}`;
    if (known?.mark === mark) return known.read;
    if (size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
    const bytes = await readFile(file);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    known = { mark, read: { digest, content: parse(unpack(bytes)) } };
    return known.read;
  }

  return async () => {
    try {
      return await read();
    } catch (cause) {
      known = null;
      throw new ReleaseError(
        'SCANNER_UNAVAILABLE',
        `The ${name} list can't be read: ${failureReason(cause)}`,
        { cause, details: { remedy: `bring the ${name} file of the worker up to date` } },
      );
    }
  };
}

function parseKev(text: string): { readonly updatedAt: string; readonly ids: ReadonlySet<string> } {
  const { dateReleased, vulnerabilities } = KevCatalog.parse(JSON.parse(text));
  return { updatedAt: dateReleased, ids: new Set(vulnerabilities.map(({ cveID }) => cveID)) };
}

/** CISA's KEV catalogue and FIRST's EPSS scores, from files that somebody else keeps fresh. */
export function createRiskListFiles({ kevFile, epssFile }: RiskListFiles): RiskLists {
  const readKev = kevFile === null ? null : createList('KEV', kevFile, parseKev);
  const readEpss = epssFile === null ? null : createList('EPSS', epssFile, parseEpss);
  return {
    lookUp: async (ids): Promise<RiskFacts> => {
      const [kev, epss] = await Promise.all([readKev?.() ?? null, readEpss?.() ?? null]);
      return {
        kev: kev && {
          digest: kev.digest,
          updatedAt: kev.content.updatedAt,
          listed: ids.filter((id) => kev.content.ids.has(id)),
        },
        epss: epss && {
          digest: epss.digest,
          updatedAt: epss.content.updatedAt,
          scores: Object.fromEntries(
            ids.flatMap((id) => {
              const score = epss.content.scores.get(id);
              return score === undefined ? [] : [[id, score]];
            }),
          ),
        },
      };
    },
  };
}
