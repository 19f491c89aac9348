/** A log that libvirt's daemon has saved, as a timeline. */
import { stat, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { SidestepError } from '../../engine/errors';
import type { LoggedDomain, LogSurvey } from '../../engine/libvirt-log/survey';
import { TraceWriter } from '../../engine/trace/file';
import { traceExtension } from '../../engine/trace/record';
import type { Host } from '../../host/host';
import { traceEditorViewType } from '../../views/timeline-panel/trace-editor';
import { withCancellableProgress } from '../progress';
import { asLabel } from '../safe-text';
import type { Services } from '../services';
import { back, pick } from '../steps';
import type { Handler } from './action';

/** For how long the trace of a log is kept, in ms: it can be made again. */
const keptMs = 7 * 24 * 3600_000;

/** Of one log, or of those of both hosts of a migration. */
export const openLibvirtLog: Handler = async (services, ...given) => {
  const paths = chosen(given) ?? (await ask());
  if (paths === undefined) return;
  if (paths.length > 2) {
    throw new SidestepError(
      'TOO_MANY_LOGS',
      vscode.l10n.t('A timeline has one log, or those of both hosts of a migration.'),
    );
  }
  const [{ openLocalHost }, { surveyLogs }] = await Promise.all([
    import('../../host/local'),
    import('../../engine/libvirt-log/survey'),
  ]);
  const host = openLocalHost();
  try {
    const title = vscode.l10n.t('Reading {0}', paths.map((path) => basename(path)).join(', '));
    const survey = await withCancellableProgress(title, (signal) =>
      surveyLogs(host, paths, { signal }),
    );
    const domain = survey && (await chooseLogged(survey));
    if (survey === undefined || domain === undefined) return;
    const trace = await withCancellableProgress(title, (signal) =>
      writeTrace(services, host, survey, domain, signal),
    );
    if (trace === undefined) return;
    await vscode.commands.executeCommand('vscode.openWith', trace, traceEditorViewType);
  } finally {
    await host.dispose();
  }
};

/** What the explorer gives: the file of the menu, and all that are selected. */
function chosen([uri, all]: readonly unknown[]): readonly string[] | undefined {
  const uris = Array.isArray(all) ? all : [uri];
  const paths = uris.flatMap((each) => (each instanceof vscode.Uri ? each.fsPath : []));
  return paths.length === 0 ? undefined : paths;
}

async function ask(): Promise<readonly string[] | undefined> {
  const files = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("libvirt's Log, or Those of Both Hosts of a Migration"),
    openLabel: vscode.l10n.t('Open as Timeline'),
    canSelectMany: true,
  });
  return files?.map(({ fsPath }) => fsPath);
}

/** @throws SidestepError if there is none */
async function chooseLogged(survey: LogSurvey): Promise<LoggedDomain | undefined> {
  const { domains } = survey;
  const { chooseDomain } = await import('../../engine/libvirt-log/trace-logs');
  if (domains.length <= 1) return chooseDomain(survey);
  const answer = await pick({
    place: { title: vscode.l10n.t('Open libvirt Log as Timeline'), step: 1, totalSteps: 1 },
    placeholder: vscode.l10n.t('The domain'),
    items: () =>
      domains.map((domain) => ({
        label: asLabel(domain.name),
        description: vscode.l10n.t('{0} QMP messages', domain.messages),
        domain,
      })),
  });
  return answer === undefined || answer === back ? undefined : answer.domain;
}

async function writeTrace(
  { storage }: Services,
  host: Host,
  survey: LogSurvey,
  domain: LoggedDomain,
  signal: AbortSignal,
): Promise<vscode.Uri> {
  const folder = vscode.Uri.joinPath(storage, 'logs');
  await vscode.workspace.fs.createDirectory(folder);
  await forgetOld(folder.fsPath);
  const name = `${domain.name.replaceAll(/[^\w. -]/g, '_').slice(0, 60)} ${Date.now()}`;
  const trace = vscode.Uri.joinPath(folder, `${name}${traceExtension}`);
  const { traceLogs } = await import('../../engine/libvirt-log/trace-logs');
  const failures: unknown[] = [];
  const writer = new TraceWriter(host.openAppend(trace.fsPath), (error) => failures.push(error));
  try {
    await traceLogs(host, survey, domain, writer.listener, { signal });
  } catch (error) {
    await writer.close();
    await rm(trace.fsPath, { force: true });
    throw error;
  }
  await writer.close();
  const [failure] = failures;
  if (failure instanceof Error) throw failure;
  return trace;
}

async function forgetOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (Date.now() - (await stat(path)).mtimeMs > keptMs) await rm(path);
  }
}
