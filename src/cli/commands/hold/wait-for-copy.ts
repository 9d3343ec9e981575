import { WormCopyView } from '../../../contract/schema/api-worm';
import type { Cli } from '../../cli';
import type { HttpClient } from '../../http-client';
import { copyPath } from './path';

const EVERY_MS = 2_000;

/** Looks at it until `isDone`. */
export async function waitForCopy(
  { context }: Cli,
  http: HttpClient,
  id: string,
  isDone: (copy: WormCopyView) => boolean,
): Promise<WormCopyView> {
  for (;;) {
    const copy = await http.get(copyPath(id), WormCopyView);
    if (isDone(copy)) return copy;
    await context.sleep(EVERY_MS, context.signal);
  }
}
