import type { MessagePort } from 'node:worker_threads';
import { whileAllWaits } from '../storage/file-reads';
import { createRepositoryFiles } from '../storage/repository-files';
import { gatherEvidence, type Gathered } from './gather';
import type { GatherAnswer, GatheringThreadData, GatherJob } from './gathering-messages';
import { folderReader } from './piece-reader';

/** Gathers what the registry's folder has whole, one digest after the other: its reads hold the thread. */
export function serveGathering(port: MessagePort, { dir }: GatheringThreadData): void {
  const files = createRepositoryFiles(dir, whileAllWaits);

  async function gather({ repository, digest, artifactType }: GatherJob): Promise<Gathered | null> {
    try {
      return await gatherEvidence(folderReader(files, repository), digest, artifactType);
    } catch {
      // Not in the folder, or nothing that can be read: the usual way tells.
      return null;
    }
  }

  /** Memory that belongs to one piece alone goes to the other thread; of the rest it gets a copy. */
  function ownMemory({ manifests, blobs }: Gathered): readonly ArrayBuffer[] {
    const pieces = [...[...manifests.values()].map(({ bytes }) => bytes), ...blobs.values()];
    return pieces.flatMap(({ buffer, length }) =>
      buffer instanceof ArrayBuffer && buffer.byteLength === length ? [buffer] : [],
    );
  }

  port.on('message', (job: GatherJob) => {
    void gather(job).then((gathered) => {
      const memory = gathered ? ownMemory(gathered) : [];
      port.postMessage({ id: job.id, gathered } satisfies GatherAnswer, memory);
    });
  });
}
