import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Engine } from '../../../src/engine/engine';
import { openLocalHost } from '../../../src/host/local';
import { answering } from './answers';
import { domainsOf, machine, OwnState } from './extension';

describe('A migration that another client has left behind', () => {
  const own = OwnState.forSuite();

  before(() => {
    copyFileSync(machine().walker, join(own.folder, 'walker.img'));
  });

  for (const [step, said] of [
    ['open-channel', /^A migration of left was cut off\. The guest had not moved: it is undone\.$/],
    ['quit-source', /^A migration of left was cut off\. The guest had moved: it is finished\.$/],
  ] as const) {
    it(`before "${step}" is brought to its end when its host is connected`, async () => {
      const engine = await own.engine();
      const { domain } = await engine.start({
        ...{ name: 'left', emulator: machine().qemu100, cwd: own.folder },
        arguments: [
          ...['-M', 'q35', '-m', '64', '-display', 'none', '-nodefaults'],
          ...['-drive', 'file=walker.img,format=raw,if=virtio'],
        ],
      });
      const local = { kind: 'host', hostId: 'local' };
      await vscode.commands.executeCommand('sidestep.disconnect', local);
      await leaveBefore(step, engine.state.path, domain.uuid);
      const message = await nextInformation(() =>
        vscode.commands.executeCommand('sidestep.connect', local),
      );
      assert.match(message, said);
      const again = await own.engine();
      const [overview] = await domainsOf(again);
      assert.equal(overview?.state, 'running');
      assert.equal(overview.instances.length, 1);
      await again.destroy(domain.uuid);
    });
  }
});

/** Migrates as a client that is lost before this step: what it holds is let go, and nothing is undone. */
async function leaveBefore(fatal: string, stateFolder: string, domain: string): Promise<void> {
  const host = openLocalHost();
  const engine = await Engine.open(host, stateFolder);
  await new Promise<void>((resolve, reject) => {
    const never = new Promise<void>(() => undefined);
    const beforeStep = (_: unknown, step: string) => {
      if (step !== fatal) return undefined;
      resolve();
      return never;
    };
    engine.migrate({ domain, mode: 'ignore-shared' }, { beforeStep }).catch(reject);
  });
  await host.dispose();
}

/** What the user is told next. */
async function nextInformation(run: () => Thenable<unknown>): Promise<string> {
  let told: (text: string) => void = () => undefined;
  const text = new Promise<string>((resolve) => {
    told = resolve;
  });
  await answering(
    'showInformationMessage',
    (message) => {
      told(String(message));
    },
    async () => {
      await run();
      await text;
    },
  );
  return text;
}
