import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { historyToJSON, type History } from '@temporalio/common/lib/proto-utils';

/** Set to a release name to keep the histories for test/replay: `PLURA_RECORD_HISTORIES=0.1.0`. */
const RECORD_AS = process.env['PLURA_RECORD_HISTORIES'];

export interface Recorded {
  readonly name: string;
  readonly workflowId: string;
  readonly history: History;
}

export function keepHistory({ name, workflowId, history }: Recorded): void {
  if (RECORD_AS === undefined) return;
  // Names the folders of the machine that it was recorded on; a replay does not look at it.
  const withoutStacks = (key: string, value: unknown): unknown =>
    key === 'stackTrace' ? '' : value;
  const file = join(__dirname, '../replay/histories', `${name}--${RECORD_AS}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    JSON.stringify({
      workflowId,
      history: JSON.parse(historyToJSON(history), withoutStacks) as unknown,
    }),
  );
}
