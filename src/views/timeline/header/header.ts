/** What the page says first: of whom the trace is, how it went, and on failure why. */
import './header.css';
import { t } from '../l10n';
import { fitAll, zoomToStandstill } from '../navigation';
import type { Store } from '../store';
import { factsOf, type Fact, type Failure, type HeaderFacts, type Party } from './facts';

/** How often the running clock is written, in ms: each frame would be a flicker. */
const clockMs = 100;

export class Header {
  readonly #element = document.createElement('header');
  readonly #failure = div('');
  readonly #facts = div('header-facts');
  readonly #fit = button(t('Fit'), t('Show all of it (F)'));
  readonly #downtime = button(t('Downtime'), t('Zoom to the time the guest stood still (Shift+D)'));
  readonly #undo: (() => void)[] = [];
  #shown = '';
  #writtenAt = 0;

  constructor(
    parent: HTMLElement,
    private readonly store: Store,
  ) {
    const element = this.#element;
    element.className = 'header';
    this.#fit.addEventListener('click', () => {
      fitAll(store);
    });
    this.#downtime.addEventListener('click', () => {
      zoomToStandstill(store);
    });
    const actions = div('header-actions', this.#fit, this.#downtime);
    element.append(this.#failure, this.#facts, actions);
    parent.append(element);
    this.#undo.push(
      store.subscribe(({ revision, isUnderWay, nowUs }, before) => {
        if (revision !== before.revision || isUnderWay !== before.isUnderWay) this.#write();
        else if (nowUs !== before.nowUs && performance.now() - this.#writtenAt > clockMs)
          this.#write();
      }),
    );
    this.#write();
  }

  dispose(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#element.remove();
  }

  #write(): void {
    const { model, nowUs, isUnderWay } = this.store.state;
    this.#writtenAt = performance.now();
    const facts = factsOf(model, nowUs, isUnderWay);
    this.#fit.disabled = facts === undefined;
    this.#downtime.disabled = model.standstills.length === 0;
    this.#downtime.title =
      model.standstills.length > 1
        ? t('Zoom to the times the guest stood still, one after the other (Shift+D)')
        : t('Zoom to the time the guest stood still (Shift+D)');
    // What is selected in it with the mouse stays so as long as nothing changes.
    const shown = JSON.stringify(facts ?? null);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const failure = facts?.failure && failureBlock(facts.failure);
    this.#failure.hidden = failure === undefined;
    this.#failure.className = failure === undefined ? '' : 'header-failure-row';
    this.#failure.replaceChildren(...(failure === undefined ? [] : [failure]));
    this.#facts.replaceChildren(...contents(facts));
  }
}

function contents(of: HeaderFacts | undefined): HTMLElement[] {
  if (of === undefined) return [div('header-waiting', t('Waiting for the trace…'))];
  const { domain, host, parties, result, facts } = of;
  const pill = div(`header-pill header-${result.tone}`, result.text);
  return [
    div(
      'header-who',
      div('header-domain', span('', domain), span('header-host', t('on {0}', host))),
      chain(parties),
    ),
    div('header-fact', div('header-name', t('Result')), pill),
    ...facts.map(factBlock),
  ];
}

function chain(parties: readonly Party[]): HTMLElement {
  const last = parties.length - 1;
  return div(
    'header-parties',
    ...parties.flatMap((each, index) => {
      if (index === 0) return [party('header-source', each)];
      const className = index === last ? 'header-target' : 'header-between';
      return [span('header-arrow', '→'), party(className, each)];
    }),
  );
}

function party(className: string, { id, version, emulator, manager }: Party): HTMLElement {
  const name = id === undefined ? '' : `#${id} `;
  const element = span(className, `${name}QEMU ${version}`);
  element.title = manager === undefined ? emulator : `${emulator} (${manager})`;
  return element;
}

function factBlock({ name, value, title, isFigure = false, isLong = false }: Fact): HTMLElement {
  const element = div(
    isLong ? 'header-fact header-long' : 'header-fact',
    div('header-name', name),
    div(isFigure ? 'header-value header-figure' : 'header-value', value),
  );
  if (title !== undefined) element.title = title;
  return element;
}

function failureBlock({ message, code, hint, blockers, lastWords }: Failure): HTMLElement {
  const cause = div('header-cause', span('', message));
  if (code !== undefined) cause.append(span('header-code', code));
  const element = div('header-failure', cause);
  if (hint !== undefined) element.append(div('header-hint', hint));
  element.setAttribute('role', 'alert');
  if (blockers.length > 0) {
    const list = document.createElement('ul');
    list.append(
      ...blockers.map((blocker) => {
        const entry = document.createElement('li');
        entry.textContent = blocker;
        return entry;
      }),
    );
    element.append(list);
  }
  if (lastWords.length > 0) {
    const words = document.createElement('pre');
    words.textContent = lastWords.join('\n');
    element.append(div('header-name', t('The last that the target printed')), words);
  }
  return element;
}

function div(className: string, ...children: (HTMLElement | string)[]): HTMLDivElement {
  const element = document.createElement('div');
  element.className = className;
  element.append(...children);
  return element;
}

function span(className: string, text: string): HTMLSpanElement {
  const element = document.createElement('span');
  element.className = className;
  element.textContent = text;
  return element;
}

function button(text: string, title: string): HTMLButtonElement {
  const element = document.createElement('button');
  element.className = 'header-button';
  element.textContent = text;
  element.title = title;
  return element;
}
