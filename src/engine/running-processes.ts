import type { Host } from '../host/host';
import type { ProcessFacts } from '../host/process';

/** All processes of a host that are still there when they are looked at. */
export async function runningProcesses(host: Host): Promise<ProcessFacts[]> {
  const [names] = await host.files([{ op: 'list', path: '/proc' }]);
  const facts = await host.inspect(names.filter((name) => /^\d+$/.test(name)).map(Number));
  return facts.filter((each) => each !== undefined);
}
