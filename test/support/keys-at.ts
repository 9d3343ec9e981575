import {
  judgeKey,
  versionsOf,
  type KeyRing,
  type KeyVersion,
  type SignatureAge,
} from '../../src/domain/keys';

/** The versions that a signature of this age may be made with. */
export function keysAt(ring: KeyRing, age: SignatureAge): readonly KeyVersion[] {
  return versionsOf(ring).filter((version) => judgeKey(version, age).good);
}
