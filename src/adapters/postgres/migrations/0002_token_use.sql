-- Who used a token, so that an attempt that is repeated after a lost answer finds its own use.
ALTER TABLE used_tokens ADD COLUMN used_by text;
