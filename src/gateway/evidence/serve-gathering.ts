import type { MessagePort } from 'node:worker_threads';
import { whileAllWaits } from '../storage/file-reads';
import { createRepositoryFiles } from '../storage/repository-files';
import { gatherEvidence, type Gathered } from './gather';
import type { GatherAnswer, GatheringThreadData, GatherJob } from './gathering-messages';
import { folderReader, NotInFolder } from './piece-reader';

/** Gathers what the registry's folder has whole, one digest after the other: its reads hold the thread. */
export function serveGathering(port: MessagePort, { dir }: GatheringThreadData): void {
  const files = createRepositoryFiles(dir, whileAllWaits);

  async function gather({ repository, digest, artifactType }: GatherJob): Promise<Gathered | null> {
    try {
      return await gatherEvidence(folderReader(files, repository), digest, artifactType);
    } catch (error) {
      if (error instanceof NotInFolder) return null;
      throw error;
    }
  }

  port.on('message', (job: GatherJob) => {
    // What it throws ends the thread, and is told by it.
    void gather(job).then((gathered) => {
      port.postMessage({ id: job.id, gathered } satisfies GatherAnswer);
    });
  });
}
