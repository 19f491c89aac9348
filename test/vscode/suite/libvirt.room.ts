/** libvirt's domains in the real VS Code, on the real libvirt of a room (test/libvirt/room). */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, copyFile, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { TraceReader } from '../../../src/engine/trace/file';
import type { TraceRecord } from '../../../src/engine/trace/record';
import type { Host } from '../../../src/host/host';
import { domainTreeId } from '../../../src/views/tree/commands';
import type { DomainTree } from '../../../src/views/tree/domain-tree';
import type { DomainNode } from '../../../src/views/tree/node';
import { answeringWhetherSure } from './answers';
import { activated, machine, OwnState } from './extension';
import { DefinedDomain, virsh } from './libvirt-domain';
import { answeringQuestions } from './questions';
import { ShownTree } from './shown-tree';
import { onceShown, within } from './waiting';

const run = promisify(execFile);

const name = `web <img src=x onerror=alert(1)> $(trash)`;

describe('libvirt’s domains', () => {
  const own = OwnState.forSuite();
  const native = process.env['SIDESTEP_QEMU72'] ?? '';
  /** A binary of the domain's own, beside the one it is a copy of, where it finds its modules. */
  const emulator = `${native}-upgraded`;
  let tree: DomainTree;
  let shown: ShownTree;
  let told: ReturnType<ShownTree['changes']>;
  let defined: DefinedDomain;
  let domain: DomainNode;

  before(async () => {
    ({ tree } = await activated());
    shown = new ShownTree(tree);
    told = shown.changes();
    await vscode.commands.executeCommand(`${domainTreeId}.focus`);
    await copyFile(native, emulator);
    defined = await DefinedDomain.define(name, { emulator });
    domain = defined.node;
  });

  after(async () => {
    told.dispose();
    await defined.remove();
    await rm(emulator);
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('come into the tree when they are defined, and start by their menu', async () => {
    await becomes(/ shut off · libvirt domain shut_off libvirt persistent current$/);
    await command('start');
    await becomes(/ running · QEMU 7\.2\.\d+ · libvirt domain running libvirt persistent current$/);
    assert.equal(await virsh('domstate', domain.uuid), 'running');
    const { isTrusted, supportHtml, value } = await shown.tooltip(await node());
    assert.ok(isTrusted !== true && supportHtml !== true);
    assert.match(value, /libvirt,&nbsp;qemu:\/\/\/system/);
  });

  it('say at once what another client does to them', async () => {
    await virsh('suspend', domain.uuid);
    await becomes(/ paused · /);
    await virsh('resume', domain.uuid);
    await becomes(/ running · /);
  });

  it('are paused and resumed, from the tree and from the palette', async () => {
    await command('pause');
    await becomes(/ paused · /);
    const resume = () => vscode.commands.executeCommand('sidestep.resume');
    const [asked] = await answeringQuestions([/^web /], resume);
    assert.equal(asked?.labels.length, 2, 'the host, and the domain');
    await becomes(/ running · /);
  });

  it('have their paths below them, and how libvirt names each', async () => {
    const instance = await instanceNode();
    const paths = await shown.paths(instance);
    const rows = await Promise.all(paths.map((path) => shown.row(path)));
    for (const row of [
      /^monitor\.sock unique · by instance id · \/var\/lib\/libvirt\/qemu\/domain-\d+-.* path socket unique monitors$/,
      /^web .*\.log left out · by domain name only · \/var\/log\/libvirt\/qemu path file left-out logs$/,
      /^disk\.img shared · .* path file shared disks$/,
    ]) {
      assert.ok(
        rows.some((text) => row.test(text)),
        `${row.source} is none of ${rows.join('; ')}`,
      );
    }
  });

  it('have their XML and their command line as read-only documents', async () => {
    await command('showLiveXml');
    assert.match(text(), /<domain type='qemu' id='\d+'>/);
    assert.equal(vscode.window.activeTextEditor?.document.languageId, 'xml');
    await command('showPersistentXml');
    assert.match(text(), /<domain type='qemu'>/);
    await vscode.commands.executeCommand('sidestep.showCommandLine', await instanceNode());
    assert.match(text(), /^ +-uuid [0-9a-f-]{36}\b/m);
  });

  it('are listened to, with a timeline, until that is stopped', async () => {
    const outputs = async () => (await run('virt-admin', ['daemon-log-outputs'])).stdout;
    const before = await outputs();
    const shows = onceShown('sidestep.timeline');
    await command('listen');
    await within(shows, () => 'no timeline was opened');
    const engine = await own.engine();
    const [trace] = await engine.traces();
    assert.ok(trace !== undefined);
    assert.notEqual(await outputs(), before);
    const heard = hear(engine.host, trace.path);
    await virsh('suspend', domain.uuid);
    await within(heard.event('STOP'), () => `heard ${heard.names.join(', ')}`);
    await virsh('resume', domain.uuid);
    await within(heard.event('RESUME'), () => `heard ${heard.names.join(', ')}`);
    await vscode.commands.executeCommand('sidestep.stopListening');
    await within(heard.verdict(), () => 'it goes on');
    assert.equal(await outputs(), before);
    heard.dispose();
  });

  it('run an outdated QEMU, and a banner says so', async () => {
    assert.ok(!tree.view.message);
    // As a package manager does.
    await writeFile(`${emulator}.new`, `#!/bin/sh\nexec ${machine().qemu100} "$@"\n`);
    await chmod(`${emulator}.new`, 0o755);
    await rename(`${emulator}.new`, emulator);
    await tree.refresh();
    await becomes(/ running · QEMU 7\.2\.\d+ · 10\.\S+ is installed · libvirt .* outdated$/);
    assert.match(tree.view.message ?? '', /^1 domain runs another QEMU than is installed now/);
    const [note] = await shown.rows(await node());
    assert.match(
      note ?? '',
      /^Runs QEMU 7\.2\.\d+, installed is 10\.\S+: can be upgraded live .*note outdated$/,
    );
  });

  it('are there again, and followed, when libvirt is', async () => {
    const pid = Number(await readFile('/run/libvirtd.pid', 'utf8'));
    process.kill(pid, 'SIGKILL');
    const failures = async () => {
      const [host] = await shown.children();
      return (await shown.rows(host)).filter((row) => row.endsWith('note failed'));
    };
    await told.until(async () => (await failures()).length === 1);
    assert.match((await failures()).join(), /^libvirt \(qemu:\/\/\/system\)/);
    await run('libvirtd', ['--daemon']);
    await becomes(/ running · /);
    await virsh('suspend', domain.uuid);
    await becomes(/ paused · /);
    await virsh('resume', domain.uuid);
    await becomes(/ running · /);
  });

  it('are destroyed by libvirt, after a modal question, and stay defined', async () => {
    const [asked] = await answeringWhetherSure(undefined, () => command('destroy'));
    const { modal, detail } = asked?.[1] as vscode.MessageOptions;
    assert.equal(modal, true);
    assert.match(detail ?? '', /it stays defined/);
    assert.equal(await virsh('domstate', domain.uuid), 'running');
    await answeringWhetherSure('Destroy', () => command('destroy'));
    await becomes(/ shut off · /);
    assert.ok(!tree.view.message);
  });

  async function command(id: string): Promise<void> {
    await vscode.commands.executeCommand(`sidestep.${id}`, domain);
  }

  /** Waits until the domain's row is so. */
  async function becomes(row: RegExp): Promise<void> {
    let rows: string[] = [];
    const isSo = told.until(async () => {
      const [host] = await shown.children();
      rows = await shown.rows(host);
      return rows.some((each) => each.startsWith(name) && row.test(each));
    });
    await within(isSo, () => `${row.source} is none of:\n${rows.join('\n')}`);
  }

  async function node(): Promise<DomainNode> {
    const [host] = await shown.children();
    const found = (await shown.children(host)).find(
      (each): each is DomainNode => each.kind === 'domain' && each.uuid === domain.uuid,
    );
    assert.deepEqual(found, domain);
    return found;
  }

  async function instanceNode() {
    const instance = (await shown.children(await node())).find(({ kind }) => kind === 'instance');
    assert.ok(instance !== undefined);
    return instance;
  }
});

/** What a trace on the host tells, while it grows. */
function hear(host: Host, path: string) {
  const reader = new TraceReader(path);
  const records: TraceRecord[] = [];
  const grown = new vscode.EventEmitter<void>();
  const watch = host.watchGrowth(path, 0, (data) => {
    records.push(...reader.read(data));
    grown.fire();
  });
  const until = async (is: (record: TraceRecord) => boolean) => {
    while (!records.some(is)) {
      await new Promise<void>((resolve) => {
        const listener = grown.event(() => {
          listener.dispose();
          resolve();
        });
      });
    }
  };
  return {
    get names() {
      return records.flatMap((record) => (record.type === 'qmp' ? [record.name] : []));
    },
    event: (name: string) => until((record) => record.type === 'qmp' && record.name === name),
    verdict: () => until(({ type }) => type === 'verdict'),
    dispose() {
      watch.dispose();
      grown.dispose();
    },
  };
}

function text(): string {
  return vscode.window.activeTextEditor?.document.getText() ?? '';
}
