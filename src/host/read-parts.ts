import { HostError } from './errors';
import type { Host } from './host';

export interface ReadPartsOptions {
  /** Bytes of its beginning that are left out. */
  readonly offset?: number;
  /** Bytes; each part is a round trip. */
  readonly partSize?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A file that may be larger than memory, part by part from its start to its end. The next part is
 * read while whoever asked is at work on the last one.
 * @throws HostError `NO_SUCH_FILE`, `PERMISSION_DENIED`, `IO`
 */
export async function* readParts(
  host: Pick<Host, 'files'>,
  path: string,
  { offset: from = 0, partSize = 1024 * 1024, signal }: ReadPartsOptions = {},
): AsyncGenerator<Buffer, void> {
  const partAt = async (offset: number) => {
    const [part] = await host.files([{ op: 'readPart', path, offset, length: partSize }]);
    return part;
  };
  let offset = from;
  let next = partAt(offset);
  for (;;) {
    const part = await next;
    signal?.throwIfAborted();
    if (part === undefined) {
      throw new HostError('NO_SUCH_FILE', `Cannot read ${path}: there is no such file.`, path);
    }
    if (part.length === 0) return;
    offset += part.length;
    next = partAt(offset);
    // Whoever has asked may never ask again.
    next.catch(() => undefined);
    yield part;
  }
}
