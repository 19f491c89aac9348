/** Causes of failures that are caused for real, and what the user must read of each, wherever he looks. */
import assert from 'node:assert/strict';
import { errorText } from '../../../src/cli/output/errors';
import type { SidestepError } from '../../../src/engine/errors';
import type { DomainOverview } from '../../../src/engine/inventory/overview';
import { asUserError } from '../../../src/extension/user-error';
import { factsOf } from '../../../src/views/timeline/header/facts';
import { TraceModel } from '../../../src/views/timeline/model/trace-model';
import { domainBranch } from '../../../src/views/tree/domains';
import { qemu100, qemu72 } from '../../support/emulators';
import { words } from '../../views/tree/fixture';
import {
  EngineBench,
  type Migrated,
  type Walker,
  type WalkerOptions,
} from '../../support/workbench';

export interface Scene {
  readonly bench: EngineBench;
  readonly walker: Walker;
  /** What the walker runs on. */
  readonly emulator: string;
  /** A path of a file that nothing else is at. */
  readonly path: (name: string) => string;
}

export interface Cause {
  /** As the list in docs/reliability.md has it. */
  readonly cause: string;
  readonly code: string;
  /** What the line must say. */
  readonly names: RegExp;
  /** Known to the plan, so that nothing is started. */
  readonly before?: true;
  /** The version of the source, if not each in turn. */
  readonly on?: Version;
  readonly guest?: WalkerOptions | ((path: Scene['path']) => WalkerOptions);
  /** Before the guest is started. */
  readonly prepare?: (path: Scene['path']) => Promise<void>;
  /** What the host is to be like meanwhile. */
  readonly around?: <T>(work: () => Promise<T>, path: Scene['path']) => Promise<T>;
  readonly migrate: (scene: Scene) => Promise<Migrated>;
}

export const versions = { '7.2': qemu72, '10.0': qemu100 } as const;
export type Version = keyof typeof versions;

/** Causes each for real, and holds what the user reads against what he must. */
export function describeCauses(title: string, causes: readonly Cause[]): void {
  for (const [version, emulator] of Object.entries(versions)) {
    const wanted = causes.filter(({ on }) => on === undefined || on === version);
    if (wanted.length === 0) continue;
    describe(`${title}, from QEMU ${version}`, () => {
      const bench = EngineBench.forEachTest();
      for (const each of wanted) {
        it(`${each.code}: ${each.cause}`, async () => {
          const path = (name: string) => bench.path(name);
          const work = () => come(each, { bench, emulator, path });
          await (each.around === undefined ? work() : each.around(work, path));
        });
      }
    });
  }
}

async function come(
  { code, names, before, guest, prepare, migrate }: Cause,
  setting: Omit<Scene, 'walker'>,
): Promise<void> {
  const { bench, emulator, path } = setting;
  const options = typeof guest === 'function' ? guest(path) : guest;
  await prepare?.(path);
  const walker = await bench.walker({ emulator, machine: 'pc-q35-7.2', ...options });
  const migrated = await migrate({ ...setting, walker });
  assertTold(migrated, { code, names, before: before === true });
  const { domains } = await bench.engine.overview();
  assertTreeTells(domains[0], { code, names });
  // What is around it lasts no longer.
  await bench.engine.destroy(walker.uuid);
}

/** In one line, by the code, with what to do: in the terminal, the notification and the timeline. */
export function assertTold(
  { outcome, error, records }: Migrated,
  {
    code,
    names,
    before,
  }: { readonly code: string; readonly names: RegExp; readonly before: boolean },
): void {
  assert.ok(error !== undefined, `it went through as "${outcome}"`);
  assert.equal(codeOf(error), code, error.message);
  assert.match(error.message, names);
  assert.doesNotMatch(error.message, /[\n\r]/);
  const isRefusal = error.code === 'REFUSED';
  assert.match(error.details.hint ?? '', isRefusal ? /\S.* Nothing was started\.$/ : /\S/);
  assert.doesNotMatch(error.details.hint ?? '', /[\n\r]/);
  assert.equal(outcome === 'refused', before, outcome);
  const started = records.some(({ type }) => type === 'process');
  if (before) assert.equal(started, false, 'something was started');

  const [line = ''] = errorText(error, (_, text) => text).split('\n');
  assert.match(line, names);
  assert.ok(line.includes(`[${code}]`), line);
  assert.match(asUserError(error).text, names);
  const model = TraceModel.of(records);
  const failure = factsOf(model, model.lastUs, false)?.failure;
  assert.match(failure?.message ?? '', names);
  assert.equal(failure?.hint, error.details.hint);
  assert.equal(failure?.code, error.code);
}

/** On the domain's row, and in full where the mouse points at it. */
function assertTreeTells(
  overview: DomainOverview | undefined,
  { code, names }: { readonly code: string; readonly names: RegExp },
): void {
  assert.ok(overview !== undefined);
  const { look } = domainBranch('local', overview, undefined, words);
  assert.ok(look.description.endsWith(`not migrated: ${code}`), look.description);
  assert.match(look.tooltip, names);
}

/** Of a migration that is refused, the reason's. */
function codeOf({ code, details: { findings = [] } }: SidestepError): string {
  return code === 'REFUSED' ? findings.map((finding) => finding.code).join(' ') : code;
}
