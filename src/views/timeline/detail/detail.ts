/** All there is about what is selected. */
import './detail.css';
import { t } from '../l10n';
import type { PageRequest } from '../messages/host-link';
import { linesOf, nameOf } from '../model/describe';
import { isFailed, type Item } from '../model/items';
import type { PageState, Store } from '../store';
import { icon } from '../toolkit/icons';
import { button } from '../toolkit/toolkit';
import { visibleText } from '../visible-text';
import { detailsOf, textOf, type Details } from './details';
import { JsonTree } from './json-tree';

export class Detail {
  readonly element = document.createElement('section');
  readonly #title = document.createElement('h2');
  readonly #buttons = document.createElement('div');
  readonly #lines = document.createElement('p');
  readonly #body = document.createElement('div');
  #details: Details | undefined;
  #tree: JsonTree | undefined;
  /** What is shown, and when it was complete. */
  #shown: { readonly item: Item | undefined; readonly key: string } | undefined;

  /** @param ask brings a request to the host side, and tells the user if it fails */
  constructor(
    store: Store,
    private readonly ask: (request: PageRequest) => void,
  ) {
    const { element } = this;
    element.className = 'detail';
    element.ariaLabel = t('Details');
    this.#title.className = 'detail-title';
    this.#buttons.className = 'detail-buttons';
    this.#lines.className = 'detail-lines';
    this.#body.className = 'detail-body';
    const head = document.createElement('div');
    head.className = 'detail-head';
    head.append(this.#title, this.#buttons);
    element.append(head, this.#lines, this.#body);
    this.#draw(store.state);
    store.subscribe((state) => {
      this.#draw(state);
    });
  }

  focus(): void {
    this.#tree?.focus();
  }

  /** Copies what is selected, if anything is. */
  copy(): void {
    if (this.#details !== undefined) this.ask({ type: 'copy', text: textOf(this.#details) });
  }

  #draw({ model, selection, nowUs }: PageState): void {
    const item = model.item(selection);
    // It is drawn again when it ends or is answered; not before, for the user may be reading in it.
    const answer = item?.kind === 'exchange' ? item.answer : undefined;
    const key = `${String(item?.id)} ${String(item?.endUs)} ${String(answer)}`;
    if (this.#shown?.item === item && this.#shown?.key === key) return;
    this.#shown = { item, key };
    this.#tree = undefined;
    this.#details = undefined;
    this.element.dataset['tone'] = item !== undefined && isFailed(item) ? 'error' : 'plain';
    this.#buttons.replaceChildren();
    if (item === undefined) {
      this.#title.textContent = t('Nothing is selected');
      this.#lines.textContent = t('Choose a row of the list, or what is drawn in the timeline.');
      this.#body.replaceChildren();
      return;
    }
    const details = detailsOf(item, model);
    this.#details = details;
    this.#title.textContent = visibleText(nameOf(item));
    this.#title.title = this.#title.textContent;
    this.#lines.textContent = visibleText(linesOf(item, model, nowUs).join(' · '));
    this.#buttons.append(...this.#makeButtons(nameOf(item), details));
    this.#body.replaceChildren(...this.#makeBody(details));
  }

  #makeButtons(name: string, details: Details): HTMLElement[] {
    const { command, text } = details;
    const buttons = [
      button({
        label: t('Copy'),
        icon: icon('copy'),
        onClick: () => {
          this.copy();
        },
      }),
      button({
        label: t('Open as Document'),
        icon: icon('open'),
        onClick: () => {
          const language = text === undefined ? 'json' : 'plaintext';
          this.ask({ type: 'open-document', title: name, language, text: textOf(details) });
        },
      }),
    ];
    if (command === undefined) return buttons;
    const sendAgain = button({
      label: t('Send Again in the Console'),
      icon: icon('send'),
      onClick: () => {
        this.ask({ type: 'send-again', command });
      },
    });
    return [...buttons, sendAgain];
  }

  #makeBody({ sections, text }: Details): HTMLElement[] {
    if (text !== undefined) {
      const printed = document.createElement('pre');
      printed.className = 'detail-text';
      printed.tabIndex = 0;
      printed.textContent = visibleText(text);
      return [printed];
    }
    return sections.flatMap(({ label, tone, value }) => {
      const heading = document.createElement('h3');
      heading.className = 'detail-label';
      heading.dataset['tone'] = tone;
      heading.textContent = label;
      const tree = new JsonTree(label, value);
      this.#tree ??= tree;
      return [heading, tree.element];
    });
  }
}
