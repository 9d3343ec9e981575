import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PlacementState } from './schema';

export interface StateStore {
  load(): Promise<readonly PlacementState[]>;
  save(state: PlacementState): Promise<void>;
}

/** One JSON file for each service and environment; a write replaces the file whole or not at all. */
export function createStateStore(folder: string): StateStore {
  return {
    load: async () => {
      const names = await readdir(folder).catch(() => []);
      const files = names.filter((name) => name.endsWith('.json'));
      return Promise.all(
        files.map(async (name) => {
          const text = await readFile(join(folder, name), 'utf8');
          return PlacementState.parse(JSON.parse(text));
        }),
      );
    },
    save: async (state) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, `${state.env}.${state.svc}.json`);
      await replaceFile(path, `${JSON.stringify(state, null, 2)}\n`);
    },
  };
}

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.draft`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}
