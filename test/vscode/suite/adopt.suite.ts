import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { messageOf } from './answers';
import { activated, domainsOf, OwnState } from './extension';
import { answeringQuestions, leave } from './questions';
import { closeTerminal, terminalOf } from './terminals';

const local = { kind: 'host', hostId: 'local' };
const machine = ['-machine', 'q35', '-m', '16', '-display', 'none', '-nodefaults'];

describe('A QEMU that was started by hand', () => {
  const own = OwnState.forSuite();
  const started: ChildProcess[] = [];

  afterEach(async () => {
    for (const { domain } of (await (await own.engine()).overview()).domains) {
      await (await own.engine()).destroy(domain.uuid);
    }
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });

  it('is picked, named, and is a domain in the tree, which runs on', async () => {
    const pid = await qemu('by-hand', 'one.qmp');
    const [message] = await messageOf('showInformationMessage', async () => {
      const [list, line] = await answeringQuestions(['by-hand', 'taken in'], () =>
        vscode.commands.executeCommand('sidestep.adopt', local),
      );
      assert.equal(list?.title, 'Adopt a Running QEMU');
      assert.equal(line?.value, 'by-hand');
    });
    assert.match(String(message), /^taken in is a domain now\. .*one\.qmp\.$/);
    const [domain] = await domainsOf(await own.engine());
    assert.equal(domain?.instances[0]?.instance.process?.pid, pid);
    assert.equal(domain.state, 'running');
    await until(async () => {
      assert.deepEqual(await domainsInTree(), [['taken in', 'domain running own']]);
    });
  });

  it('is not offered again once it is a domain', async () => {
    await qemu('once', 'two.qmp');
    await qemu('other', 'three.qmp');
    await messageOf('showInformationMessage', () =>
      answeringQuestions(['once', 'once'], () =>
        vscode.commands.executeCommand('sidestep.adopt', local),
      ),
    );
    const [list] = await answeringQuestions([leave], () =>
      vscode.commands.executeCommand('sidestep.adopt', local),
    );
    const names = ['once', 'other'].filter((name) => list?.labels.includes(name));
    assert.deepEqual(names, ['other']);
  });

  it('keeps a name that is free: one that is taken is refused', async () => {
    await qemu('first', 'four.qmp');
    await qemu('second', 'five.qmp');
    await messageOf('showInformationMessage', () => adopt('first', 'same'));
    const [message] = await messageOf('showErrorMessage', () => adopt('second', 'same'));
    assert.match(String(message), /same.*Take another name.*\[DOMAIN_EXISTS\]$/);
    assert.equal((await (await own.engine()).overview()).domains.length, 1);
  });

  it('has no console of its own with one monitor, and says so', async () => {
    await qemu('lonely', 'six.qmp');
    await messageOf('showInformationMessage', () => adopt('lonely', 'lonely'));
    const [domain] = (await (await own.engine()).overview()).domains;
    const { uuid, name } = domain?.domain ?? assert.fail();
    const node = { kind: 'domain', hostId: 'local', uuid, name };
    const { terminal, shown } = await terminalOf(() =>
      vscode.commands.executeCommand('sidestep.openConsole', node),
    );
    await shown.until(
      /lonely.* was adopted, and has no QMP monitor but the one that Sidestep uses/s,
    );
    await closeTerminal(terminal);
  });

  function adopt(label: string, name: string): Promise<unknown> {
    return answeringQuestions([label, name], () =>
      vscode.commands.executeCommand('sidestep.adopt', local),
    );
  }

  /** @returns its pid, once it listens */
  async function qemu(name: string, socket: string): Promise<number> {
    const path = join(own.folder, socket);
    const child = spawn(
      'qemu-system-x86_64',
      ['-name', name, ...machine, '-qmp', `unix:${path},server=on,wait=off`],
      { stdio: 'ignore' },
    );
    started.push(child);
    await once(child, 'spawn');
    await appears(path);
    return child.pid ?? assert.fail();
  }
});

async function domainsInTree(): Promise<unknown[]> {
  const { content } = (await activated()).tree;
  const [host] = (await content.getChildren()) ?? [];
  const nodes = ((await content.getChildren(host)) ?? []).filter(({ kind }) => kind === 'domain');
  const items = await Promise.all(nodes.map(async (node) => content.getTreeItem(node)));
  return items.map(({ label, contextValue }) => [label, contextValue]);
}

/** The tree is told, and loads anew. */
async function until(check: () => Promise<void>): Promise<void> {
  const { content } = (await activated()).tree;
  let wake = () => {
    // Nobody waits.
  };
  const listener = content.onDidChangeTreeData?.(() => {
    wake();
  });
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => (wake = resolve));
      const error = await check().then(
        () => undefined,
        (failure: unknown) => failure,
      );
      if (error === undefined) return;
      await changed;
    }
  } finally {
    listener?.dispose();
  }
}

async function appears(path: string): Promise<void> {
  const abort = new AbortController();
  const changed = new Promise<void>((resolve) => {
    const watcher = watch(join(path, '..'), { signal: abort.signal }, () => {
      if (existsSync(path)) resolve();
    });
    watcher.on('error', () => undefined);
  });
  if (!existsSync(path)) await changed;
  abort.abort();
}
