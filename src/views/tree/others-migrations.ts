/** The migrations of other clients, which are followed by their traces on the host. */
import type { HostOverview } from '../../engine/inventory/overview';
import type { MigrationProgress } from '../../engine/trace/progress';
import type { Disposable } from '../../host/host';

/** Tells how far the migration is whose trace this is, until disposed. */
export type FollowMigration = (
  tracePath: string,
  onProgress: (progress: MigrationProgress) => void,
) => Disposable;

interface Followed {
  readonly follow: Disposable;
  progress: MigrationProgress | undefined;
}

export class OthersMigrations implements Disposable {
  /** By the path of their trace. */
  readonly #followed = new Map<string, Followed>();

  constructor(
    private readonly follow: FollowMigration,
    private readonly onChange: () => void,
  ) {}

  /** Follows those that are under way, and no others. */
  keepTo({ domains }: Pick<HostOverview, 'domains'>): void {
    const paths = new Set(
      domains.flatMap(({ migration }) =>
        migration?.client === 'other' ? (migration.tracePath ?? []) : [],
      ),
    );
    for (const [path, { follow }] of this.#followed) {
      if (paths.has(path)) continue;
      follow.dispose();
      this.#followed.delete(path);
    }
    for (const path of paths) if (!this.#followed.has(path)) this.#begin(path);
  }

  /** The overview, with how far they are by now. */
  upToDate(overview: HostOverview): HostOverview {
    if (this.#followed.size === 0) return overview;
    const domains = overview.domains.map((domain) => {
      const { migration } = domain;
      const progress = this.#followed.get(migration?.tracePath ?? '')?.progress;
      if (migration === undefined || progress === undefined) return domain;
      return { ...domain, migration: { ...migration, progress } };
    });
    return { ...overview, domains };
  }

  dispose(): void {
    this.keepTo({ domains: [] });
  }

  #begin(path: string): void {
    const follow = this.follow(path, (progress) => {
      const followed = this.#followed.get(path);
      if (followed === undefined) return;
      followed.progress = progress;
      this.onChange();
    });
    this.#followed.set(path, { follow, progress: undefined });
  }
}
