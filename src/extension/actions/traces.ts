/** Traces of past migrations, and of those under way. */
import { basename } from 'node:path';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { version } from '../../../package.json';
import { bundleName } from '../../engine/bundle/bundle';
import { makeBundle } from '../../engine/bundle/read';
import { SidestepError } from '../../engine/errors';
import { asTreeNode } from '../../views/tree/node';
import { confirmed, showMessage } from '../notify';
import { withCancellableProgress } from '../progress';
import { asLabel } from '../safe-text';
import type { Services } from '../services';
import { back, pick } from '../steps';
import type { Handler } from './action';
import { connectedHosts, hostOf, type HostSubject } from './subjects';

interface TraceSubject extends HostSubject {
  readonly path: string;
  readonly domain: string;
}

/** The timeline of a trace, or of the migration that a domain has under way. */
export const openTrace: Handler = async (services, given) => {
  const node = asTreeNode(given);
  if (node !== undefined && 'uuid' in node) {
    const { hostId, uuid } = node;
    const path =
      services.migrations.find(hostId, uuid)?.tracePath ?? (await tracePathOf(services, node));
    if (path !== undefined) services.timelines.open(hostId, path, basename(path));
    else {
      await showMessage('info', vscode.l10n.t('This domain has no migration under way.'));
    }
    return;
  }
  if (node?.kind === 'trace') {
    // Whether its host is connected or not, the timeline says so.
    services.timelines.open(node.hostId, node.path, basename(node.path));
    return;
  }
  const subject = await traceSubject(services, given, vscode.l10n.t('Open Timeline'));
  if (subject !== undefined) services.timelines.open(subject.host.id, subject.path, subject.domain);
};

export const saveTrace: Handler = async (services, given) => {
  const subject = await traceSubject(services, given, vscode.l10n.t('Save Trace As'));
  if (subject === undefined) return;
  const name = basename(subject.path);
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(defaultFolder(), name),
    filters: { [vscode.l10n.t('Sidestep Trace')]: ['sidestep-trace'] },
  });
  if (target === undefined) return;
  await withCancellableProgress(vscode.l10n.t('Saving {0}', name), async (signal) => {
    const [data] = await subject.engine.host.files([{ op: 'read', path: subject.path }]);
    signal.throwIfAborted();
    await vscode.workspace.fs.writeFile(target, data ?? new Uint8Array());
  });
};

/** The trace and what belongs to it as one file (`sidestep bundle`). */
export const saveBugReport: Handler = async (services, given) => {
  const subject = await traceSubject(services, given, vscode.l10n.t('Save Bug Report'));
  if (subject === undefined) return;
  const { path, engine } = subject;
  const name = bundleName(path);
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(defaultFolder(), name),
    filters: { [vscode.l10n.t('Archive')]: ['tar.gz'] },
  });
  if (target === undefined) return;
  await withCancellableProgress(vscode.l10n.t('Saving {0}', name), async (signal) => {
    const data = await makeBundle(engine.host, path, version);
    signal.throwIfAborted();
    await vscode.workspace.fs.writeFile(target, data);
  });
};

export const deleteTrace: Handler = async (services, given) => {
  const subject = await traceSubject(services, given, vscode.l10n.t('Delete Trace'));
  if (subject === undefined) return;
  const isSure = await confirmed(
    vscode.l10n.t('Delete the trace {0}?', basename(subject.path)),
    vscode.l10n.t('Its timeline cannot be opened any more. The domain is not touched.'),
    vscode.l10n.t('Delete'),
  );
  if (!isSure) return;
  await subject.engine.removeTrace(subject.path);
  services.refresh(subject.host.id);
};

function defaultFolder(): vscode.Uri {
  return vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
}

async function tracePathOf(
  services: Services,
  node: { readonly hostId: string; readonly uuid: string },
): Promise<string | undefined> {
  const subject = await hostOf(services, { hostId: node.hostId });
  try {
    return await subject?.engine.traceUnderWay(node.uuid);
  } catch (error) {
    if (error instanceof SidestepError && error.code === 'NOT_MIGRATING') return undefined;
    throw error;
  }
}

async function traceSubject(
  services: Services,
  given: unknown,
  title: string,
): Promise<TraceSubject | undefined> {
  const node = asTreeNode(given);
  if (node?.kind === 'trace') {
    const subject = await hostOf(services, node);
    return subject && { ...subject, path: node.path, domain: basename(node.path) };
  }
  const connected = await connectedHosts(services);
  const items = async (signal: AbortSignal) => {
    const each = await Promise.all(
      connected.map(async (subject) => {
        const traces = await subject.engine.traces(signal);
        return traces.map(({ path, domain, at }) => ({
          label: asLabel(domain),
          description: asLabel(`${timeFormat.format(at / 1_000)} · ${subject.host.label}`, 80),
          subject: { ...subject, path, domain },
        }));
      }),
    );
    return each.flat();
  };
  const answer = await pick({
    place: { title, step: 1, totalSteps: 1 },
    placeholder: vscode.l10n.t('The trace of a migration, newest first'),
    items,
  });
  return answer === undefined || answer === back ? undefined : answer.subject;
}

const timeFormat = new Intl.DateTimeFormat(vscode.env.language, {
  dateStyle: 'medium',
  timeStyle: 'medium',
});
