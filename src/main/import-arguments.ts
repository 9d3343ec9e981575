import { parseArgs } from 'node:util';
import { failureReason } from '../contract/error-reason';
import { ReleaseError } from '../contract/errors';

export const IMPORT_USAGE = `usage: import-inventory [--from FOLDER] [--layout distribution|oci] [--after REPOSITORY] [--json]

Records what a registry held before the gateway stood in front of it, manifests without a tag too, so that plans of a clean-up know it.
Safe to repeat, and beside everything else.

  --from FOLDER        the registry's folder (default: PLURA_BACKEND_STORAGE_DIR); without one it sees what the API
                       lists, which is no manifest without a tag
  --layout LAYOUT      how things are kept there: distribution, or oci for image layouts (zot, olareg)
                       (default: PLURA_IMPORT_LAYOUT, or distribution)
  --after REPOSITORY   goes on after this one: the last that an earlier run named
  --json               a line of JSON a repository, and one for all
  --help               this text

examples:
  import-inventory --from /var/lib/registry
  import-inventory --from /var/lib/zot --layout oci --json
  import-inventory --from /var/lib/registry --after apps/checkout/checkout

exit codes: 0 all is recorded; 8 came to the end, and something could not be read or recorded: it is named on standard error;
130 interrupted; others as those of plura (docs/cli.md).
PLURA_DATABASE_URL and PLURA_BACKEND_URL are needed, as the gateway has them (docs/configuration.md, "Import").
`;

export interface ImportArguments {
  readonly from: string | null;
  readonly layout: 'distribution' | 'oci' | null;
  readonly after: string | null;
  readonly json: boolean;
  readonly help: boolean;
}

function refused(message: string): ReleaseError {
  const remedy = 'import-inventory --help shows what it takes';
  return new ReleaseError('INVALID_INPUT', message, { details: { field: 'argument', remedy } });
}

interface Given {
  readonly from?: string | undefined;
  readonly layout?: string | undefined;
  readonly after?: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

function parse(args: readonly string[]): Given {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const options = { from: text, layout: text, after: text, json: flag, help: flag };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw refused(failureReason(error));
  }
}

/** @throws ReleaseError INVALID_INPUT */
export function readImportArguments(args: readonly string[]): ImportArguments {
  const { from = null, layout = null, after = null, json, help } = parse(args);
  if (layout !== null && layout !== 'distribution' && layout !== 'oci') {
    throw refused(`--layout is distribution or oci, not ${layout}`);
  }
  return { from, layout, after, json, help };
}
