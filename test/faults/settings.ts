import type { Scene } from './fault';

/** How the source is set up for migrations: with what one sets at it. */
export async function migrationSettings({
  bench,
  walker,
}: Pick<Scene, 'bench' | 'walker'>): Promise<unknown> {
  return bench.qmp(walker.first, async (client) => ({
    capabilities: await client.execute('query-migrate-capabilities'),
    parameters: await client.execute('query-migrate-parameters'),
  }));
}
