import { sleep } from '@temporalio/workflow';
import { releaseWorkflow as real } from '../../../workflows';
import type { ReleaseInput, ReleaseResult } from '../../../src/contract/messages';

/** A change of the kind that must never go out: one command more than the history has. */
export async function releaseWorkflow(input: ReleaseInput): Promise<ReleaseResult> {
  await sleep(1);
  return real(input);
}
