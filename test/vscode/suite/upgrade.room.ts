/** A domain of the room's libvirt is upgraded live in the real VS Code. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { readTrace } from '../../../src/engine/trace/file';
import { summarize } from '../../../src/engine/trace/summary';
import { domainTreeId } from '../../../src/views/tree/commands';
import { withoutLibvirt } from '../../support/native-command';
import { writeScript } from '../../support/wrapper';
import { answering, messageOf } from './answers';
import { activated, OwnState } from './extension';
import { DefinedDomain, virsh } from './libvirt-domain';
import { answeringQuestions, leave } from './questions';
import { ShownTree } from './shown-tree';
import { onceShown, within } from './waiting';

const name = 'shop <b>$(flame)';

/** The item of the list of emulators that asks for a path. */
const byPath = /^\$\(file\)/;

describe('A libvirt domain', () => {
  const own = OwnState.forSuite({ isPassable: true });
  const qemu72 = process.env['SIDESTEP_QEMU72'] ?? '';
  const qemu100 = process.env['SIDESTEP_QEMU100'] ?? '';
  let shown: ShownTree;
  let told: ReturnType<ShownTree['changes']>;
  let domain: DefinedDomain;

  before(async () => {
    const { tree } = await activated();
    shown = new ShownTree(tree);
    told = shown.changes();
    await vscode.commands.executeCommand(`${domainTreeId}.focus`);
    const elements = "<memoryBacking><source type='file'/><access mode='shared'/></memoryBacking>";
    domain = await DefinedDomain.define(name, { emulator: qemu72, elements });
    await virsh('start', domain.node.uuid);
    await becomes(/ running · QEMU 7\.2\.\d+ · libvirt domain running libvirt /);
  });

  after(async () => {
    told.dispose();
    await domain.remove();
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('has a plan, with nothing done', async () => {
    await answeringQuestions([byPath, qemu100], () => command('showPlan'));
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    assert.match(text, /^Mode: ignore-shared$/m);
    assert.match(text, /^ +share +-blockdev +.*disk\.img/m);
    assert.equal(await domain.state(), 'running');
    await becomes(/ libvirt domain running libvirt /);
  });

  it('is not upgraded onto a QEMU that libvirt cannot run, which is said before', async () => {
    const emulator = join(domain.folder, 'qemu-of-another-kind');
    // So libvirt asks each what it can do, and we do not.
    await writeScript(emulator, [
      'case "$*" in *qmp.monitor*) exit 1;; esac',
      `exec '${qemu100}' "$@"`,
    ]);
    const answers = [byPath, emulator, 'auto', 'Back to libvirt', leave] as const;
    const asked = await answeringQuestions(answers, () => command('migrate'));
    const labels = asked.at(-1)?.labels ?? [];
    assert.ok(labels.includes('$(error) LIBVIRT_CANNOT'), labels.join());
    assert.ok(!labels.some((label) => label.includes('Start the Migration')), labels.join());
  });

  it('is upgraded, and is libvirt’s as before: with progress and a timeline', async () => {
    const shows = onceShown('sidestep.timeline');
    let asked: Awaited<ReturnType<typeof answeringQuestions>> = [];
    const answers = [byPath, qemu100, 'auto', 'Back to libvirt', /Start the Migration/];
    const [message, ...buttons] = await messageOf('showInformationMessage', async () => {
      asked = await answeringQuestions(answers, () => command('migrate'));
    });
    assert.match(asked[0]?.title ?? '', /^Migrate shop .* Locally$/);
    assert.match(
      String(message),
      /^shop .* is libvirt’s as before and runs on QEMU 10\.\S+: \S+ [µm]?s \+ \S+ [µm]?s of downtime, \S+ [µm]?s in all\.$/,
    );
    assert.deepEqual(buttons, ['Open Timeline']);
    await within(shows, () => 'no timeline was opened');
    assert.equal(await domain.state(), 'running');
    assert.match(await virsh('dumpxml', domain.node.uuid), new RegExp(`<emulator>${qemu100}<`));
    await becomes(/ running · QEMU 10\.\S+ · libvirt domain running libvirt persistent current$/);
    const { hops, outcome } = await lastTrace();
    assert.equal(outcome, 'moved');
    assert.deepEqual(
      hops.map(({ kind }) => kind),
      ['from-libvirt', 'to-libvirt'],
    );
  });

  it('is libvirt’s as before when its upgrade is cancelled', async () => {
    const engine = await own.engine();
    const [message] = await messageOf('showInformationMessage', async () => {
      const migrating = command('migrate', { emulator: qemu72, mode: 'precopy' });
      while (engine.migrations.size === 0) await new Promise(setImmediate);
      await vscode.commands.executeCommand('sidestep.cancelMigration');
      await migrating;
    });
    assert.match(
      String(message),
      /^The upgrade of shop .* was cancelled: it runs on as libvirt’s\.$/,
    );
    assert.equal(await domain.state(), 'running');
    await becomes(/ running · QEMU 10\.\S+ · libvirt domain running libvirt /);
  });

  it('may stay with Sidestep, and is handed back by its menu', async () => {
    const [message, ...buttons] = await messageOf('showInformationMessage', () =>
      command('migrate', { emulator: qemu100, mode: 'auto', stay: true }),
    );
    assert.match(String(message), /of downtime, .* It is Sidestep’s from now on\.$/);
    assert.deepEqual(buttons, ['Open Timeline', 'Hand Back to libvirt']);
    assert.equal(await domain.state(), 'shut off');
    await becomes(/ running · QEMU 10\.\S+ domain running own from-libvirt$/);
    const [back] = await messageOf('showInformationMessage', () => command('handBack', undefined));
    assert.match(
      String(back),
      /^shop .* is libvirt’s now: \S+ [µm]?s of downtime, \S+ [µm]?s in all\.$/,
    );
    assert.equal(await domain.state(), 'running');
    await becomes(/ running · QEMU 10\.\S+ · libvirt domain running libvirt /);
  });

  it('keeps its new QEMU for good, if that is wished', async () => {
    const answers = [byPath, qemu100, 'auto', 'Back to libvirt, for Good', /Start the Migration/];
    await messageOf('showInformationMessage', () =>
      answeringQuestions(answers, () => command('migrate')),
    );
    const definition = await virsh('dumpxml', '--inactive', domain.node.uuid);
    assert.match(definition, new RegExp(`<emulator>${qemu100}<`));
    await becomes(/ running · QEMU 10\.\S+ · libvirt domain running libvirt persistent current$/);
  });

  it('runs as Sidestep’s when libvirt does not take it back, until it is handed back', async () => {
    const emulator = join(domain.folder, 'qemu');
    const run = `exec '${qemu100}' "$@"`;
    // So it is started by libvirt.
    const fails = 'case "$*" in *charmonitor*) echo out of luck >&2; exit 1;; esac';
    await writeScript(emulator, [fails, run]);
    const [message, ...buttons] = await messageOf('showErrorMessage', () =>
      command('migrate', { emulator, mode: 'auto' }),
    );
    assert.match(
      String(message),
      /^shop .* runs on as a domain of Sidestep’s: libvirt has not taken it back\. .*\[RESTORE_FAILED\]$/,
    );
    assert.deepEqual(buttons, ['Hand Back to libvirt', 'Open Timeline', 'Show Log']);
    await becomes(/ running · QEMU 10\.\S+ domain running own from-libvirt$/);
    await writeScript(emulator, [run]);
    const [back] = await messageOf('showInformationMessage', () => command('handBack', undefined));
    assert.match(String(back), /^shop .* is libvirt’s now: /);
    await becomes(/ running · QEMU 10\.\S+ · libvirt domain running libvirt /);
  });

  it('is handed over by its XML, if Sidestep has started it', async () => {
    const { uuid } = domain.node;
    const xml = join(domain.folder, 'shown.xml');
    await writeFile(xml, await virsh('dumpxml', '--inactive', '--security-info', uuid));
    const native = await virsh('domxml-to-native', 'qemu-argv', xml);
    await virsh('destroy', uuid);
    const engine = await own.engine();
    await engine.start({
      ...{ name, emulator: qemu72, cwd: '/' },
      arguments: withoutLibvirt(native),
    });
    await becomes(/ running · QEMU 7\.2\.\d+ domain running own$/);
    const [message] = await messageOf('showInformationMessage', () =>
      answering(
        'showOpenDialog',
        () => [vscode.Uri.file(xml)],
        () => answeringQuestions(['qemu:///system'], () => command('handBack')),
      ),
    );
    assert.match(String(message), /^shop .* is libvirt’s now: /);
    await becomes(/ running · QEMU 7\.2\.\d+ · libvirt domain running libvirt /);
  });

  /** Of libvirt's domain, or else of Sidestep's. */
  async function command(id: string, ...more: unknown[]): Promise<void> {
    const { connection, ...ours } = domain.node;
    const node = id === 'handBack' ? ours : { ...ours, ...(connection && { connection }) };
    await vscode.commands.executeCommand(`sidestep.${id}`, node, ...more);
  }

  async function lastTrace() {
    const engine = await own.engine();
    const [trace] = await engine.traces();
    assert.ok(trace !== undefined);
    const [data] = await engine.host.files([{ op: 'read', path: trace.path }]);
    return summarize(readTrace(String(data), trace.path));
  }

  /** Waits until the only row with the domain's name is so. */
  async function becomes(row: RegExp): Promise<void> {
    let rows: string[] = [];
    const isSo = told.until(async () => {
      const [host] = await shown.children();
      rows = (await shown.rows(host)).filter((each) => each.startsWith(name));
      return rows.length === 1 && row.test(rows.join());
    });
    await within(isSo, () => `${row.source} is not:\n${rows.join('\n')}`);
  }
});
