/**
 * Who may change what: a claim is held by one client, and is void as soon as that client lives no
 * more.
 *
 * Each client holds one lock on the host for as long as it lives, on a file of its own: that is what
 * tells it alive. A claim is a folder with the holder's id in it, put in its place by one rename,
 * which only one client can win: rename(2) replaces a folder only if that is empty. So a claim costs
 * no process and one round trip, however many a client holds.
 *
 *     clients/ID           locked as long as client ID lives
 *     claims/NAME/ID       NAME is claimed by client ID
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { HostError, type HostErrorCode } from '../../host/errors';
import type { Host, Lock } from '../../host/host';
import type { FileOperation } from '../../host/files';

/** What is held until it is let go, or until its holder lives no more. */
export interface Claim {
  /** @param first what is done before, in the same round trip */
  release(first?: readonly FileOperation[]): Promise<void>;
}

interface Client {
  readonly id: string;
  readonly life: Lock | undefined;
}

export class Claims {
  #client: Promise<Client> | undefined;
  #count = 0;

  constructor(
    private readonly host: Host,
    /** The state folder. */
    private readonly folder: string,
  ) {}

  /** @returns undefined while another, or we ourselves, hold it */
  async take(name: string): Promise<Claim | undefined> {
    const { id: client } = await this.register();
    const claim = join(this.folder, 'claims', name);
    const draft = join(this.folder, 'claims', `.${client}-${++this.#count}`);
    const held: Claim = { release: (first = []) => this.#release(claim, draft, first) };
    const isPlaced = this.#unless('EXISTS', [
      { op: 'mkdir', path: draft, exclusive: true },
      { op: 'append', path: join(draft, client), data: '' },
      { op: 'rename', from: draft, to: claim },
    ]);
    if (await isPlaced) return held;
    for (;;) {
      const [holders] = await this.host.files([{ op: 'list', path: claim }]);
      const holder = holders[0];
      if (holder === undefined) {
        // Let go just now.
        if (await this.#unless('EXISTS', [{ op: 'rename', from: draft, to: claim }])) return held;
      } else if (await this.#isAlive(holder, client)) {
        await this.host.files([{ op: 'remove', path: draft }]);
        return undefined;
      } else if (
        // Only one client can rename what the dead one has left.
        await this.#unless('NO_SUCH_FILE', [
          { op: 'rename', from: join(claim, holder), to: join(claim, client) },
          { op: 'remove', path: draft },
        ])
      ) {
        return held;
      }
    }
  }

  /** Who holds it and lives: we, or another. */
  async holderOf(name: string): Promise<'own' | 'other' | undefined> {
    const { id: own } = await this.register();
    const [holders] = await this.host.files([
      { op: 'list', path: join(this.folder, 'claims', name) },
    ]);
    const [holder] = holders;
    if (holder === undefined || !(await this.#isAlive(holder, own))) return undefined;
    return holder === own ? 'own' : 'other';
  }

  /** Makes us known as a client that lives; to do so early saves the first claim the time. */
  register(): Promise<Client> {
    return (this.#client ??= this.#register());
  }

  /** Removes what clients that live no more have left of themselves. Their claims are void already. */
  async sweep(): Promise<void> {
    const { id: own } = await this.register();
    const claims = join(this.folder, 'claims');
    const [clients, names] = await this.host.files([
      { op: 'list', path: join(this.folder, 'clients') },
      { op: 'list', path: claims },
    ]);
    const alive = await Promise.all(
      clients.map(async (id) => ((await this.#isAlive(id, own)) ? id : '')),
    );
    const drafts = names.filter((name) => {
      const client = /^\.([0-9a-f]+)-\d+$/.exec(name)?.[1];
      return client !== undefined && !alive.includes(client);
    });
    await this.host.files(
      drafts.map((name) => ({ op: 'remove', path: join(claims, name) }) as const),
    );
  }

  /** We hold nothing any more, and leave no trace of us. */
  async close(): Promise<void> {
    const client = await this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    await this.host.files([{ op: 'remove', path: this.#clientPath(client.id) }]);
    await client.life?.release();
  }

  /** Our own lock, on which others see that we live; the host lets go of it when we do not. */
  async #register(): Promise<Client> {
    const id = randomBytes(8).toString('hex');
    return { id, life: await this.host.lock(this.#clientPath(id)) };
  }

  async #isAlive(holder: string, client: string): Promise<boolean> {
    if (holder === client) return true;
    const path = this.#clientPath(holder);
    const lock = await this.host.lock(path);
    if (lock === undefined) return true;
    await this.host.files([{ op: 'remove', path }]);
    await lock.release();
    return false;
  }

  /** Away in one step: whoever comes finds it whole or not at all. */
  async #release(claim: string, away: string, first: readonly FileOperation[]): Promise<void> {
    await this.host.files([
      ...first,
      { op: 'rename', from: claim, to: away },
      { op: 'remove', path: away },
    ]);
  }

  #clientPath(client: string): string {
    return join(this.folder, 'clients', client);
  }

  /** @returns false if the operations failed with that code */
  async #unless(code: HostErrorCode, operations: readonly FileOperation[]): Promise<boolean> {
    try {
      await this.host.files(operations);
      return true;
    } catch (error) {
      if (error instanceof HostError && error.code === code) return false;
      throw error;
    }
  }
}
