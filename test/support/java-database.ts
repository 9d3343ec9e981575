import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

/** As trivy-java-db makes it (pkg/db/db.go, schema 1). */
const SCHEMA = `
CREATE TABLE artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);
CREATE TABLE indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT,
  foreign key (artifact_id) references artifacts(id));
CREATE UNIQUE INDEX artifacts_idx ON artifacts(artifact_id, group_id);
CREATE INDEX indices_artifact_idx ON indices(artifact_id);
CREATE UNIQUE INDEX indices_sha1_idx ON indices(sha1);
`;

export interface KnownJar {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly jar: Buffer;
}

/** The file of the database by which jar files are told apart; `folder` is for drafts. */
export async function javaDatabase(folder: string, jars: readonly KnownJar[]): Promise<Buffer> {
  const file = join(folder, 'trivy-java.db');
  await rm(file, { force: true });
  const database = new DatabaseSync(file);
  database.exec(SCHEMA);
  const artifacts = database.prepare('INSERT INTO artifacts VALUES (?, ?, ?)');
  const indices = database.prepare("INSERT INTO indices VALUES (?, ?, ?, 'jar')");
  jars.forEach(({ group, artifact, version, jar }, id) => {
    artifacts.run(id, group, artifact);
    indices.run(id, version, createHash('sha1').update(jar).digest());
  });
  database.close();
  return readFile(file);
}

/** A jar that names neither itself nor what it was built from: nothing but the end of a zip archive with a comment (APPNOTE 4.3.16). */
export function namelessJar(comment: string): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return Buffer.concat([end, Buffer.from(comment)]);
}

/** A layer with the file. */
export async function layerWith(name: string, content: Buffer): Promise<Buffer> {
  const layer = pack();
  layer.entry({ name, mode: 0o644 }, content);
  layer.finalize();
  return buffer(layer);
}
