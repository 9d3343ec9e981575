import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { failureReason, hasErrorCode } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import type { Digest } from '../../domain/digest';
import { READ_ONLY } from './file-reads';
import { blobFile, createRepositoryFiles, ROOT, type RepositoryFiles } from './repository-files';

/** `differs`: what is there is not the file that the registry would send. */
export type Unreadable = 'absent' | 'denied' | 'differs' | 'failed';

export interface NoFile {
  readonly because: Unreadable;
  /** For the log. */
  readonly why: string;
}

/** The folder in which a registry keeps its blobs; it is read and never written. */
export interface BlobStorage {
  /**
   * The file of a blob of `size` bytes, open; who takes it closes it. It says nothing about who may read the blob: a registry
   * keeps the blobs of all repositories in one place.
   */
  open(digest: Digest, size: number): Promise<FileHandle | NoFile>;
  readonly repositories: RepositoryFiles;
}

function noFile(error: unknown): NoFile {
  const why = failureReason(error);
  const isAny = (...codes: readonly string[]): boolean =>
    codes.some((code) => hasErrorCode(error, code));
  if (isAny('ENOENT', 'ENOTDIR')) return { because: 'absent', why };
  if (isAny('EACCES', 'EPERM')) return { because: 'denied', why };
  return { because: isAny('ELOOP') ? 'differs' : 'failed', why };
}

async function whyNot(handle: FileHandle, size: number): Promise<NoFile | null> {
  try {
    const found = await handle.stat();
    if (found.isFile() && found.size === size) return null;
    const what = found.isFile() ? `a file of ${found.size} bytes` : 'no file';
    return { because: 'differs', why: `${what} where the registry has ${size} bytes` };
  } catch (error) {
    return noFile(error);
  }
}

/** @throws ReleaseError INVALID_INPUT when `dir` can't be the folder of a registry: anything else would be read in silence. */
async function assertStorage(dir: string): Promise<void> {
  const unusable = (why: string, cause?: unknown): ReleaseError =>
    new ReleaseError('INVALID_INPUT', `PLURA_BACKEND_STORAGE_DIR, ${dir}: ${why}`, {
      cause,
      details: {
        field: 'PLURA_BACKEND_STORAGE_DIR',
        remedy: `give the rootdirectory of the registry's filesystem storage, the folder above ${ROOT}, readable by the gateway`,
      },
    });
  try {
    // Before the first push it is empty.
    if ((await readdir(dir)).length === 0) return;
    if ((await stat(path.join(dir, ROOT))).isDirectory()) return;
  } catch (cause) {
    throw unusable(failureReason(cause), cause);
  }
  throw unusable(`${ROOT} in it is no folder`);
}

/** @throws ReleaseError INVALID_INPUT when `dir` is not the root of a registry's filesystem storage */
export async function openBlobStorage(dir: string): Promise<BlobStorage> {
  await assertStorage(dir);
  return {
    open: async (digest, size) => {
      let handle: FileHandle;
      try {
        handle = await open(blobFile(dir, digest), READ_ONLY);
      } catch (error) {
        return noFile(error);
      }
      const not = await whyNot(handle, size);
      if (!not) return handle;
      await handle.close();
      return not;
    },
    repositories: createRepositoryFiles(dir),
  };
}
